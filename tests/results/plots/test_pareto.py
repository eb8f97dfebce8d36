"""Dominance by hand, and plots that hold what they are given."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salbench.results.plots.pareto import _look, pareto_optimal, pareto_plot, with_optimal


def points(**changes: object) -> pd.DataFrame:
    """Good and dear, bad and cheap, and one that is beaten by the first in accuracy alone."""
    table = {
        "dataset": "digits",
        "architecture": "mlp",
        "training": ["dear", "cheap", "beaten"],
        "accuracy": [0.9, 0.7, 0.8],
        "faithfulness": [0.8, 0.6, 0.8],
        "cost": [4.0, 1.0, 4.0],
    }
    return pd.DataFrame({**table, **changes})


def test_what_nothing_beats_is_optimal() -> None:
    assert with_optimal(points())["optimal"].tolist() == [True, True, False]


def test_direction_decides() -> None:
    values = np.array([[1.0, 1.0], [2.0, 2.0]])
    assert pareto_optimal(values, [True, True]).tolist() == [False, True]
    assert pareto_optimal(values, [False, False]).tolist() == [True, False]
    assert pareto_optimal(values, [True, False]).tolist() == [True, True]


def test_equals_do_not_beat_each_other() -> None:
    assert pareto_optimal(np.ones((3, 2)), [True, True]).tolist() == [True, True, True]


def test_a_missing_number_is_neither_optimal_nor_in_the_way() -> None:
    values = np.array([[np.nan, 9.0], [1.0, 1.0]])
    assert pareto_optimal(values, [True, True]).tolist() == [False, True]


def test_goals_and_columns_must_be_as_many() -> None:
    with pytest.raises(ValueError, match=r"\(3, 2\).*3 goals"):
        pareto_optimal(np.ones((3, 2)), [True, True, True])


def test_it_agrees_with_the_plain_loop() -> None:
    values = np.random.default_rng(0).integers(0, 4, (40, 3)).astype(float)
    expected = [not any((other >= row).all() and (other > row).any() for other in values) for row in values]
    assert pareto_optimal(values, [True, True, True]).tolist() == expected


def test_fronts_of_two_data_sets_are_apart() -> None:
    both = pd.concat([points(), points(dataset="decoy", accuracy=0.1)], ignore_index=True)
    assert with_optimal(both)["optimal"].tolist() == [True, True, False, True, True, True]


def test_up_to_42_methods_look_different() -> None:
    assert len({(look["color"], look["marker"]) for look in map(_look, range(42))}) == 42


def test_png_and_pdf_are_written(tmp_path: Path) -> None:
    png, pdf = pareto_plot(points(accuracy_sd=[0.01, float("nan"), 0.0]), tmp_path / "pareto")
    assert (png.name, pdf.name) == ("pareto.png", "pareto.pdf")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        pareto_plot(points(faithfulness=float("nan")), tmp_path / "pareto")
