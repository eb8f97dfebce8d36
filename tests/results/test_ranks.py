"""Average ranks, Friedman and Nemenyi: against published values, scipy and simulation."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, studentized_range

from salbench.results.leaderboard import Leaderboard
from salbench.results.ranks import compare_ranks, critical_difference, rank_table
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]
# demsar2006statistical, table 5: q at 0.05 for 2 to 10 classifiers.
PUBLISHED = (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)


@pytest.mark.parametrize(("methods", "q"), list(enumerate(PUBLISHED, start=2)))
def test_critical_values_are_those_published(methods: int, q: float) -> None:
    blocks = 14
    assert critical_difference(methods, blocks) == pytest.approx(
        q * np.sqrt(methods * (methods + 1) / (6 * blocks)), abs=1e-3
    )


def test_published_example() -> None:
    # demsar2006statistical, section 3.2.2: four classifiers on 14 data sets differ by 1.25 in average rank.
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)


def test_ranks_by_hand_in_both_directions() -> None:
    scores = pd.DataFrame({"a": [3.0, 2.0], "b": [1.0, 2.0], "c": [2.0, 1.0]})
    assert compare_ranks(scores).average == {"a": 1.25, "b": 2.25, "c": 2.5}
    assert compare_ranks(scores, higher_is_better=False).average == {"c": 1.5, "b": 1.75, "a": 2.75}


def test_p_is_friedmans() -> None:
    values = np.random.default_rng(0).normal([0.0, 0.3, 0.9, 1.0], 1.0, size=(12, 4)).round(1)
    comparison = compare_ranks(pd.DataFrame(values, columns=list("abcd")))
    assert comparison.p == pytest.approx(friedmanchisquare(*values.T).pvalue)


def test_incomplete_blocks_are_counted_and_left_out() -> None:
    scores = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [0.0, 9.0, 1.0], "c": [0.5, 8.0, 0.0]})
    comparison = compare_ranks(scores)
    assert (comparison.blocks, comparison.left_out) == (2, 1)
    assert comparison.average == {"a": 1.0, "c": 2.5, "b": 2.5} or comparison.average == {"a": 1.0, "b": 2.5, "c": 2.5}


def test_groups_are_the_largest_sets_within_the_difference() -> None:
    # 24 blocks of five methods: critical difference 1.245. Average ranks 1, 2, 3, 4, 5: neighbors only.
    scores = pd.DataFrame([[5.0, 4.0, 3.0, 2.0, 1.0]] * 24, columns=list("abcde"))
    assert compare_ranks(scores).groups == (("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"))
    assert compare_ranks(scores.head(2)).groups == (tuple("abcde"),)
    assert compare_ranks(pd.concat([scores] * 20)).groups == ()


def test_p_of_two_methods_is_the_exact_sign_test() -> None:
    # Seven of eight, one tie left out: 2 · (1 + 8) / 2^8; the critical difference alone would call them different.
    scores = pd.DataFrame({"a": [1.0] * 7 + [0.0, 0.5], "b": [0.0] * 7 + [1.0, 0.5]})
    assert compare_ranks(scores).p == pytest.approx(18 / 256)
    assert compare_ranks(scores[["b", "a"]]).p == pytest.approx(18 / 256)
    assert compare_ranks(pd.DataFrame({"a": [1.0] * 6, "b": [0.0] * 6})).p == pytest.approx(2 / 2**6)


def test_one_block_and_ties_have_no_p() -> None:
    assert np.isnan(compare_ranks(pd.DataFrame({"a": [1.0], "b": [0.0]})).p)
    assert np.isnan(compare_ranks(pd.DataFrame({"a": [1.0] * 3, "b": [1.0] * 3})).p)
    tied = compare_ranks(pd.DataFrame(np.ones((4, 3)), columns=list("abc")))
    assert np.isnan(tied.p)
    assert set(tied.average.values()) == {2.0}


def test_nothing_to_rank_is_an_error() -> None:
    with pytest.raises(ValueError, match="got 1 and 2"):
        compare_ranks(pd.DataFrame({"a": [1.0, 2.0]}))
    with pytest.raises(ValueError, match="got 2 and 0"):
        compare_ranks(pd.DataFrame({"a": [np.nan], "b": [1.0]}))


@pytest.mark.parametrize("methods", [2, 4, 9])
def test_critical_difference_is_the_range_of_normal_ranks(methods: int) -> None:
    """Average ranks of many blocks are nearly normal: 19 in 20 ranges of equal methods are shorter."""
    draws = np.random.default_rng(0).standard_normal((200_000, methods))
    variance = methods * (methods + 1) / 12  # of one rank times methods / (methods - 1), which centers it
    simulated = np.quantile(np.ptp(draws, axis=1), 0.95) * np.sqrt(variance / 30)
    assert critical_difference(methods, 30) == pytest.approx(simulated, rel=0.01)


def test_nemenyis_p_of_the_critical_difference_is_the_level() -> None:
    for methods, blocks in product((3, 6), (5, 40)):
        error = np.sqrt(methods * (methods + 1) / (6 * blocks))
        reach = critical_difference(methods, blocks)
        assert studentized_range.sf(np.sqrt(2) * reach / error, methods, np.inf) == pytest.approx(0.05, abs=1e-4)


def test_friedmans_statistic_by_hand() -> None:
    # Ranks 1, 2, 3 in all of four blocks: 12 · 4 / (3 · 4) · ((1 - 2)² + 0 + (3 - 2)²) = 8, p = exp(-4).
    scores = pd.DataFrame([[3.0, 2.0, 1.0]] * 4, columns=list("abc"))
    assert compare_ranks(scores).p == pytest.approx(np.exp(-4))


@pytest.mark.slow
def test_friedmans_p_is_rarely_small_where_nothing_differs() -> None:
    generator = np.random.default_rng(1)
    found = [compare_ranks(pd.DataFrame(generator.standard_normal((15, 4)))).p <= 0.05 for _ in range(400)]
    assert 0.02 <= np.mean(found) <= 0.08


@pytest.mark.slow
def test_methods_that_differ_are_told_apart() -> None:
    generator = np.random.default_rng(2)
    shifted = generator.standard_normal((100, 25, 3)) + np.array([0.0, 0.0, 2.0])
    found = [compare_ranks(pd.DataFrame(values, columns=list("abc"))) for values in shifted]
    assert np.mean([next(iter(item.average)) == "c" for item in found]) == 1.0
    assert np.mean([all("c" not in group for group in item.groups) for item in found]) > 0.9


@pytest.mark.slow
def test_equal_methods_rarely_differ() -> None:
    generator, found = np.random.default_rng(0), []
    for _ in range(400):
        comparison = compare_ranks(pd.DataFrame(generator.standard_normal((20, 4))))
        ranks = list(comparison.average.values())
        found.append(ranks[-1] - ranks[0] >= comparison.critical_difference)
    assert np.mean(found) <= 0.075


def board(make_record: MakeRecord, **changes: object) -> Leaderboard:
    values = {"x": {"a": 1.0, "b": 2.0, "c": 3.0}, "y": {"a": 3.0, "b": 2.0, "c": 5.0}}
    records = [
        make_record(dataset=dataset, training=training, saliency=saliency, seed=seed, value=value + seed, **changes)
        for dataset in ("d1", "d2")
        for training, of_training in values.items()
        for saliency, value in of_training.items()
        for seed in (0, 1)
    ]
    records += [make_record(dataset="d1", training="x", saliency="random", control=True, value=9.0, **changes)]
    return Leaderboard.from_records(records)


def test_blocks_are_means_over_seeds_and_trainings(make_record: MakeRecord) -> None:
    table = rank_table(board(make_record), "aopc").scores
    assert table.iloc[0].to_dict() == {"a": 2.5, "b": 2.5, "c": 4.5}
    assert table.index.tolist() == [("d1", "mlp"), ("d2", "mlp")]
    by_training = rank_table(board(make_record), "aopc", by="training").scores
    assert by_training.iloc[0].to_dict() == pytest.approx({"x": 2.5, "y": 10 / 3 + 0.5})


def test_scales_of_models_are_not_mixed(make_record: MakeRecord) -> None:
    leaderboard = board(make_record, across_models=False)
    table = rank_table(leaderboard, "aopc").scores
    assert table.index.names == ["dataset", "architecture", "training"]
    assert table.index[3] == ("d2", "mlp", "y")
    assert table.iloc[3].to_dict() == {"a": 3.5, "b": 2.5, "c": 5.5}
    with pytest.raises(ValueError, match="cannot be compared across models"):
        rank_table(leaderboard, "aopc", by="training")


def test_method_that_failed_once_lacks_the_block(make_record: MakeRecord) -> None:
    records = [
        make_record(training=training, saliency=saliency, value=1.0)
        for training in ("x", "y")
        for saliency in ("a", "b")
        if (training, saliency) != ("y", "b")
    ]
    records.append(make_record(training="y", saliency="b", status=Status.FAILED, note="no"))
    table, unshared = rank_table(Leaderboard.from_records(records), "aopc")
    assert not unshared
    assert table["a"].tolist() == [1.0]
    assert table["b"].isna().tolist() == [True]


def test_one_more_entry_costs_the_others_nothing(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=f"d{block}", training=training, saliency=saliency, value=float(place))
        for block in range(6)
        for training, methods in (("x", "abc"), ("y", "abc"), ("mine", "a"))
        for place, saliency in enumerate(methods)
    ]
    before = rank_table(Leaderboard.from_records([r for r in records if r.training != "mine"]), "aopc")
    after = rank_table(Leaderboard.from_records(records), "aopc")
    pd.testing.assert_frame_equal(after.scores, before.scores)
    assert (before.unshared, after.unshared) == ((), ("mine",))
    by_training = rank_table(Leaderboard.from_records(records), "aopc", by="training")
    assert by_training.scores.notna().sum().to_dict() == {"mine": 0, "x": 6, "y": 6}  # it has no mean over a, b and c


def test_means_that_differ_by_the_order_of_a_sum_tie(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=f"d{block}", training=training, seed=seed, value=value)
        for block in range(8)
        for training, values in (("x", (0.1, 0.2, 0.3)), ("y", (0.3, 0.2, 0.1)))
        for seed, value in enumerate(values)
    ]
    found = compare_ranks(rank_table(Leaderboard.from_records(records), "aopc", by="training").scores)
    assert found.average == {"x": 1.5, "y": 1.5}
    assert np.isnan(found.p)


def test_what_failed_everywhere_has_no_row_with_a_value(make_record: MakeRecord) -> None:
    failed = make_record(status=Status.FAILED, value=None, note="no")
    assert rank_table(Leaderboard.from_records([failed]), "aopc").scores.notna().sum().sum() == 0
    assert rank_table(Leaderboard.from_records([replace(failed, control=True)]), "aopc").scores.empty


def test_unknown_names_are_refused(make_record: MakeRecord) -> None:
    with pytest.raises(ValueError, match="by must be saliency or training, got 'dataset'"):
        rank_table(board(make_record), "aopc", by="dataset")
    with pytest.raises(ValueError, match="metric must be one of aopc, got 'gini'"):
        rank_table(board(make_record), "gini")
