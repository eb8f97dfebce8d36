"""Agreement in a terminal: alpha and tau, and which metrics are unreliable."""

from io import StringIO

from rich.console import Console

from salbench.benchmark.plan_results import Results
from salbench.benchmark.reports.terminal import print_agreement
from salbench.benchmark.request import Request
from salbench.results.record import Record

REQUEST = Request()


def made(values: dict[str, list[float]]) -> str:
    """What is printed of metrics with a value for each of some methods; the last two are controls."""
    records = [
        Record(
            key=f"{metric}/{place}",
            dataset="digits@1",
            architecture="mlp",
            training="regular",
            saliency=("random", "inverted")[place - len(of_methods)] if place >= len(of_methods) - 2 else f"s{place}",
            control=place >= len(of_methods) - 2,
            metric=metric,
            metric_version=1,
            family="faithfulness",
            higher_is_better=True,
            seed=0,
            value=value,
        )
        for metric, of_methods in values.items()
        for place, value in enumerate(of_methods)
    ]
    console = Console(file=StringIO(), width=160)
    print_agreement(Results(request=REQUEST, plan=REQUEST.plan(), records=tuple(records)), console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_alpha_and_tau_are_both_shown_and_unreliable_metrics_marked() -> None:
    text = made({"right": [5.0, 4.0, 3.0, 2.0, 1.0], "wrong": [5.0, 4.0, 3.0, 1.0, 2.0]})
    assert "Krippendorff's alpha between all metrics of a family" in text
    assert "Kendall's tau between two metrics" in text
    assert "wrong ‡" in text
    assert "right ‡" not in text
    assert "Marked, by data sets with an architecture: wrong (on 1 of 1)." in text


def test_without_a_ranking_it_says_so() -> None:
    assert made({"right": [2.0, 1.0]}).startswith("No two metrics rank three common methods")
