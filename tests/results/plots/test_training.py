from pathlib import Path

import numpy as np
import pytest

from salbench.results.plots.training import TrainingCurve, _draw, mean_over_seeds, training_plot


def test_models_that_stopped_early_leave_the_mean() -> None:
    assert mean_over_seeds([{1: 1.0, 2: 2.0, 3: 6.0}, {1: 3.0, 2: 4.0}, {1: 5.0}, {}]) == {1: 3.0, 2: 3.0, 3: 6.0}


def test_epochs_that_one_model_kept_alone_are_left_out() -> None:
    whole, every_third = {epoch: float(epoch) for epoch in range(1, 8)}, {3: 30.0, 6: 60.0}
    assert mean_over_seeds([whole, every_third]) == {3: 16.5, 6: 33.0, 7: 7.0}


def test_lines_stand_at_their_epochs() -> None:
    kept = TrainingCurve("digits", "mlp", "regular", {3: 2.0, 6: 1.0}, {3: 0.5, 6: 0.75})
    loss, accuracy = _draw({("digits", "mlp"): {"regular": [kept]}}).axes[0].get_lines()
    assert np.asarray(loss.get_xydata()).tolist() == [[3, 1], [6, 0.5]]
    assert np.asarray(accuracy.get_xydata()).tolist() == [[3, 0.5], [6, 0.75]]


def test_no_two_of_thirty_training_methods_look_alike() -> None:
    lines = {f"method_{place}": [TrainingCurve("digits", "mlp", "", {1: 1.0}, {1: 0.5})] for place in range(30)}
    drawn = _draw({("digits", "mlp"): lines}).axes[0].get_lines()
    assert len({(line.get_color(), str(line._unscaled_dash_pattern)) for line in drawn}) == 60  # type: ignore[attr-defined]


def test_the_figure_is_written_twice(tmp_path: Path) -> None:
    curves = [
        TrainingCurve(f"data_{place % 4}", "mlp", training, {1: 2.0, 2: 1.0}, {1: 0.5, 2: 0.8})
        for place in range(8)
        for training in ("regular", "a_b $x$")
    ]
    files = training_plot(curves, tmp_path / "training")
    assert [file.name for file in files] == ["training.png", "training.pdf"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no training curves"):
        training_plot([], tmp_path / "training")
