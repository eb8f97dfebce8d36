"""The measurement behind the cards: what is asked of which metric, on data whose evidence is known."""

from dataclasses import replace
from pathlib import Path

import torch

from salbench.baselines.saliency import GRADIENT, INVERTED, ORACLE, RANDOM
from salbench.benchmark.cards.separation import measure_separation, must_separate, read_separation, separates
from salbench.benchmark.cards.separation_suites import separation_suites
from salbench.benchmark.request import Request
from salbench.datasets import Split
from salbench.metrics import AUP_COUNT, METRICS, Need, Sign

from ..conftest import make_entries, make_suite


def test_every_metric_that_must_separate_is_asked_where_it_is_defined() -> None:
    asked = {
        metric.name
        for suite in separation_suites()
        for metric in suite.metrics
        for dataset in suite.datasets
        if dataset.modality in metric.modalities
    }
    wanted = {metric.name for metric in METRICS if must_separate(metric) and metric.sign is not Sign.UNUSED}
    assert wanted <= asked


def test_shortcut_metrics_are_asked_of_data_with_a_shortcut() -> None:
    (suite,) = [suite for suite in separation_suites() if suite.name == "separation_shortcuts"]
    assert all(Need.IRRELEVANT in metric.needs for metric in suite.metrics)
    changed = {shortcut for metric in suite.metrics for shortcut in metric.counterfactuals}
    for dataset in suite.datasets:
        assert changed <= {shortcut for shortcut, _ in dataset.counterfactuals}


def test_marked_evidence_is_never_what_must_not_matter_and_the_same_for_every_shortcut(tmp_path: Path) -> None:
    (suite,) = [suite for suite in separation_suites() if suite.name == "separation_shortcuts"]
    for dataset in suite.datasets:
        samples = dataset.load(tmp_path, Split.TEST)
        assert samples.masks is not None
        assert samples.irrelevant is not None
        assert not (samples.masks & samples.irrelevant).any()
        assert samples.masks.flatten(1).any(dim=1).all()
        for _, changed in dataset.counterfactuals:
            masks = changed.load(tmp_path, Split.TEST).masks
            assert masks is not None
            assert torch.equal(masks, samples.masks)


def test_plans_hold_the_controls_best_first() -> None:
    for suite in separation_suites():
        for model in Request(suite=suite).plan().models:
            assert model.methods == (GRADIENT, ORACLE, RANDOM, INVERTED)


def test_a_measurement_of_points_is_read_as_it_was_written(tmp_path: Path) -> None:
    suite = replace(
        make_suite(metrics=(AUP_COUNT,)), controls=(ORACLE, RANDOM, INVERTED), entries=tuple(make_entries())
    )
    told: list[str] = []
    text = measure_separation(store=tmp_path / "store", data=tmp_path, report=told.append, suites=[suite])
    file = tmp_path / "separation.csv"
    file.write_text(text, encoding="utf-8")
    measured = read_separation(file)
    (row,) = measured.of(AUP_COUNT).to_dict("records")
    assert (row["dataset"], row["architecture"], row["seeds"], row["samples"]) == ("points@1", "linear", 2, 20)
    assert separates(AUP_COUNT, row["oracle"], row["random"], row["inverted"])
    assert row["oracle"] == 0.8
    assert measured.about == {"points@1": "two of six features decide; 3 epochs in batches of 10"}
    assert "means over seeds" in measured.made
    assert "two of six" not in measured.made
    assert told[0].startswith(f"{suite.name}: 1 metrics on points")
