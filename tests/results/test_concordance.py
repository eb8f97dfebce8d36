"""Krippendorff's alpha: a worked example, its ends, and rankings of a leaderboard."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import kendalltau

from salbench.results.concordance import concordance, ordinal_alpha
from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record

NO = np.nan
# krippendorff2011computing: four observers, twelve units, some not rated.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
)


def test_published_example() -> None:
    assert ordinal_alpha(OBSERVERS) == pytest.approx(0.815, abs=5e-4)


def test_only_the_order_counts() -> None:
    assert ordinal_alpha(np.exp(OBSERVERS)) == pytest.approx(ordinal_alpha(OBSERVERS))
    assert ordinal_alpha(-OBSERVERS) == pytest.approx(ordinal_alpha(OBSERVERS))
    assert ordinal_alpha(OBSERVERS[::-1]) == pytest.approx(ordinal_alpha(OBSERVERS))


def test_full_agreement_and_chance() -> None:
    assert ordinal_alpha(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])) == 1.0
    shuffled = np.random.default_rng(0).permuted(np.tile(np.arange(40.0), (30, 1)), axis=1)
    assert ordinal_alpha(shuffled) == pytest.approx(0.0, abs=0.03)


def test_two_opposite_rankings_by_hand() -> None:
    # Ranks 1 2 3 against 3 2 1: o has 2 at (1,3), (3,1), (2,2); n = 2 each; distances 4, 16 of neighbors and ends.
    # Observed 4 × 16 = 64, expected 4 × (4 × 4 + 2 × 16) = 192 over n - 1 = 5: 1 - 5 × 64 / 192.
    assert ordinal_alpha(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])) == pytest.approx(1 - 5 * 64 / 192)


def test_nothing_to_compare_is_nan() -> None:
    assert np.isnan(ordinal_alpha(np.array([[1.0, 2.0, 3.0]])))
    assert np.isnan(ordinal_alpha(np.ones((2, 3))))


def test_families_are_asked_apart(make_record: Callable[..., Record]) -> None:
    values = {
        "a": [1.0, 2.0, 3.0, 4.0],
        "b": [4.0, 3.0, 1.0, 2.0],
        "c": [1.0, 1.0, 1.0, 1.0],
        "lone": [1.0, 2.0, 3.0, 4.0],
    }
    records = [
        make_record(
            saliency=f"s{place}",
            metric=metric,
            value=value,
            higher_is_better=metric != "b",
            family="complexity" if metric == "lone" else "faithfulness",
        )
        for metric, of_metric in values.items()
        for place, value in enumerate(of_metric)
    ]
    (row,) = concordance(Leaderboard.from_records(records)).to_dict("records")
    assert (row["family"], row["metrics"], row["groups"]) == ("faithfulness", 2, 1)
    ranks = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 4.0, 3.0]])
    assert row["alpha"] == pytest.approx(ordinal_alpha(ranks))
    assert row["tau"] == pytest.approx(kendalltau(*ranks).statistic)


@pytest.mark.parametrize("added", [[1.0, 2.0], [1.0, 1.0, 1.0]])
def test_a_metric_that_ranks_nothing_takes_no_method_from_the_others(
    make_record: Callable[..., Record], added: list[float]
) -> None:
    values = {"a": [1.0, 2.0, 3.0, 4.0, 5.0], "b": [1.0, 2.0, 3.0, 5.0, 4.0]}
    records = [
        make_record(saliency=f"s{place}", metric=metric, value=value, family="faithfulness")
        for metric, of_metric in (values | {"added": added}).items()
        for place, value in enumerate(of_metric)
    ]
    (row,) = concordance(Leaderboard.from_records(records)).to_dict("records")
    assert (row["metrics"], row["tau"]) == (2, pytest.approx(kendalltau(*values.values()).statistic))
