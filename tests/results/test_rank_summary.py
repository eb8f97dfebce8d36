"""Ranks by every metric: how many blocks they need, and what is concluded."""

from collections.abc import Callable
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest

from salbench.results.leaderboard import Leaderboard
from salbench.results.rank_summary import fewest_blocks, rank_frame, rank_metrics, ranks_in_words, verdict_of
from salbench.results.ranks import compare_ranks, critical_difference, with_most_cells
from salbench.results.record import Record
from salbench.results.reference_text import rank_table

MakeRecord = Callable[..., Record]


def test_fewest_blocks_by_hand() -> None:
    # Two methods: 2^-5 is the first below 0.05. Three: 6^-2, and 2.343 · sqrt(12 / 18) = 1.91 of a range of 2.
    assert [fewest_blocks(methods) for methods in (2, 3, 4, 10)] == [6, 3, 3, 3]


@pytest.mark.parametrize("methods", [2, 3, 4])
def test_chance_of_one_order_in_all_blocks_is_the_one_enumerated(methods: int) -> None:
    orders = list(permutations(range(methods)))
    alike = [len(set(blocks)) == 1 for blocks in product(orders, repeat=2)]
    assert np.mean(alike) == pytest.approx(1 / len(orders))


@pytest.mark.parametrize("methods", [2, 3, 5, 8])
def test_fewer_blocks_could_tell_nothing_apart(methods: int) -> None:
    needed = fewest_blocks(methods)
    assert critical_difference(methods, needed) <= methods - 1
    clearest = pd.DataFrame([np.arange(methods, dtype=float)] * needed).rename(columns=str)
    assert verdict_of(compare_ranks(clearest)).startswith("best: ")


def test_one_method_is_refused() -> None:
    with pytest.raises(ValueError, match="two methods, got 1"):
        fewest_blocks(1)


def test_verdict_names_the_best_and_who_is_tied_with_it() -> None:
    scores = pd.DataFrame([[5.0, 4.0, 1.0], [4.0, 5.0, 1.0]] * 10, columns=["a", "b", "c"])
    assert verdict_of(compare_ranks(scores)) == "best: a, tied with b"
    clear = pd.DataFrame([[5.0, 4.0, 1.0]] * 20, columns=["a", "b", "c"])
    assert verdict_of(compare_ranks(clear)) == "best: a"


def test_two_methods_need_the_sign_test_too() -> None:
    scores = pd.DataFrame({"a": [1.0] * 7 + [0.0], "b": [0.0] * 7 + [1.0]})
    comparison = compare_ranks(scores)
    assert comparison.average["b"] - comparison.average["a"] > comparison.critical_difference
    assert verdict_of(comparison) == "tied: no two can be told apart"  # p = 0.07


def test_no_one_is_best_where_friedman_finds_nothing() -> None:
    scores = pd.DataFrame([[1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 1.0, 2.0]] * 4, columns=["a", "b", "c"])
    assert verdict_of(compare_ranks(scores)) == "tied: no two can be told apart"


def board(make_record: MakeRecord, datasets: int) -> Leaderboard:
    records = []
    for number, (training, order) in product(range(datasets), (("x", 1.0), ("y", 2.0))):
        place = {"dataset": f"d{number}@1", "training": training}
        for saliency, value in (("a", 3.0), ("b", 2.0), ("c", 1.0)):
            records += [
                make_record(**place, saliency=saliency, metric="aopc", across_models=False, value=value + order),
                make_record(**place, saliency=saliency, metric="entropy", higher_is_better=False, value=value * order),
                make_record(**place, saliency=saliency, metric="accuracy", family="performance", value=order),
            ]
        records.append(
            make_record(**place, saliency="random", control=True, metric="aopc", across_models=False, value=99)
        )
    return Leaderboard.from_records(records)


def test_saliency_methods_are_ranked_by_what_tells_them_apart(make_record: MakeRecord) -> None:
    ranks = {item.metric.name: item for item in rank_metrics(board(make_record, 3))}
    assert list(ranks) == ["aopc", "entropy"]  # accuracy is the model's
    found = ranks["aopc"].comparison
    assert found is not None
    assert found.blocks == 6  # each model is one: the scale is its own
    assert found.average == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert ranks["aopc"].verdict == "best: a, tied with b"
    other = ranks["entropy"].comparison
    assert other is not None
    assert other.average == {"c": 1.0, "b": 2.0, "a": 3.0}
    assert other.blocks == 3


def test_too_few_blocks_say_so(make_record: MakeRecord) -> None:
    ranks = {item.metric.name: item for item in rank_metrics(board(make_record, 2))}
    assert ranks["entropy"].verdict == "too few blocks: 2, 3 needed"
    assert ranks["entropy"].comparison is not None  # the ranks are there to be seen


def test_trainings_are_ranked_only_across_models(make_record: MakeRecord) -> None:
    ranks = {item.metric.name: item for item in rank_metrics(board(make_record, 6), by="training")}
    assert ranks["aopc"].comparison is None
    assert "scale depends on each model" in ranks["aopc"].verdict
    assert ranks["accuracy"].verdict == "best: y"
    assert ranks["entropy"].verdict == "best: x"
    few = {item.metric.name: item for item in rank_metrics(board(make_record, 5), by="training")}
    assert few["accuracy"].verdict == "too few blocks: 5, 6 needed"


def test_one_method_has_no_rank(make_record: MakeRecord) -> None:
    (item,) = rank_metrics(Leaderboard.from_records([make_record(value=1.0)]))
    assert item.verdict == "too few methods: 1, 2 needed"


def test_frame_has_a_column_a_method(make_record: MakeRecord) -> None:
    frame = rank_frame(rank_metrics(board(make_record, 3)))
    columns = ["metric", "blocks", "left_out", "p", "critical_difference", "a", "b", "c", "verdict"]
    assert sorted(frame.columns) == sorted(columns)
    assert frame["metric"].tolist() == ["aopc ↑†", "entropy ↓"]
    assert rank_frame([]).empty


def test_unknown_kind_is_refused(make_record: MakeRecord) -> None:
    with pytest.raises(ValueError, match="by must be saliency or training, got 'metric'"):
        rank_metrics(board(make_record, 2), by="metric")


def test_ranks_in_words_name_the_best_first(make_record: MakeRecord) -> None:
    ranks = rank_metrics(board(make_record, 4))
    frame = ranks_in_words(ranks).set_index("metric")
    assert frame["average_ranks"]["aopc ↑†"] == "a 1, b 2, c 3"
    assert frame["average_ranks"]["entropy ↓"] == "c 1, b 2, a 3"
    assert frame["verdict"]["aopc ↑†"].startswith(
        "best: a, tied with b (8 blocks, p 0.000335, critical difference 1.17"
    )
    assert [item.enough for item in ranks] == [True, True]
    assert not any(item.enough for item in rank_metrics(board(make_record, 1)) if item.metric.name == "entropy")


def test_a_method_that_few_blocks_have_costs_the_others_none(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=f"d{place}@1", training=name, value=value, across_models=True)
        for place in range(4)
        for name, value in (("a", 3.0), ("b", 2.0), ("c", 1.0), *((("rare", 4.0),) if not place else ()))
    ]
    (ranks,) = rank_metrics(Leaderboard.from_records(records), by="training")
    assert ranks.comparison is not None
    assert (ranks.comparison.blocks, ranks.absent) == (4, ("rare",))
    assert "(4 blocks, without rare, p" in ranks_in_words([ranks])["verdict"][0]


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ([[1, 2, 3], [1, 2, 3], [1, 2, None]], ["a", "b", "c"]),  # 3 · 2 = 2 · 3: the more methods
        ([[1, 2, 3], [1, 2, None], [1, 2, None]], ["a", "b"]),  # 3 · 1 < 2 · 3
        ([[1, 2, None], [1, 2, None]], ["a", "b"]),
        ([[1, None, None], [None, 2, 3]], ["a", "b", "c"]),  # nothing is complete
    ],
)
def test_the_choice_of_methods_that_leaves_most(values: list[list[float]], chosen: list[str]) -> None:
    assert list(with_most_cells(pd.DataFrame(values, columns=["a", "b", "c"], dtype=float))) == chosen


def test_what_cannot_be_ranked_has_words_too(make_record: MakeRecord) -> None:
    frame = ranks_in_words(rank_metrics(board(make_record, 2), by="training")).set_index("metric")
    assert frame["average_ranks"]["aopc ↑†"] == ""
    assert frame["verdict"]["aopc ↑†"].startswith("not compared")
    assert rank_table(frame.reset_index()).splitlines()[0] == "| metric | average ranks | verdict |"
