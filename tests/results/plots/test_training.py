from pathlib import Path

import pytest

from salbench.results.plots.training import TrainingCurve, mean_over_seeds, training_plot


def test_models_that_stopped_early_leave_the_mean() -> None:
    assert mean_over_seeds([[1.0, 2.0, 6.0], [3.0, 4.0], [5.0]]) == [3.0, 3.0, 6.0]


def test_the_figure_is_written_twice(tmp_path: Path) -> None:
    curves = [
        TrainingCurve(f"data_{place % 4}", "mlp", training, [2.0, 1.0, 0.5], [0.5, 0.8, 0.9])
        for place in range(8)
        for training in ("regular", "a_b $x$")
    ]
    files = training_plot(curves, tmp_path / "training")
    assert [file.name for file in files] == ["training.png", "training.pdf"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no training curves"):
        training_plot([], tmp_path / "training")
