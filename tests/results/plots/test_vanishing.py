"""The figure on vanishing saliency, and the shares of relevance behind it."""

from math import nan
from pathlib import Path

import pytest
import torch

from salbench.results.plots.series import Heat
from salbench.results.plots.vanishing import Bar, Evidence, share_over_time, vanishing_plot


def evidence(name: str, trainings: tuple[str, ...] = ("regular", "_guided $x$")) -> Evidence:
    return Evidence(
        name=name,
        sample=Heat(values=torch.rand(4, 3), mask=torch.ones(4, 3, dtype=torch.bool)),
        over_time={training: torch.full((2, 4), 0.25) for training in trainings},
        scores={score: {training: Bar(mean=0.2, sd=nan) for training in trainings} for score in ("AUP", "AUR")},
        lowest_accuracies=dict.fromkeys(trainings, 0.5),
    )


def test_share_over_time_by_hand() -> None:
    maps = torch.tensor([[[1.0, -1.0], [0.0, 2.0]], [[0.0, 0.0], [3.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
    assert share_over_time(maps).tolist() == [0.25, 0.75]  # (0.5, 0.5) and (0, 1); the map of zeros says nothing


def test_share_of_maps_of_zeros_is_nan() -> None:
    assert share_over_time(torch.zeros(2, 3, 4)).isnan().all()


def test_vanishing_figure_is_written(tmp_path: Path) -> None:
    png, pdf = vanishing_plot([evidence("earlier"), evidence("later")], tmp_path / "vanishing")
    assert (png.name, pdf.name) == ("vanishing.png", "vanishing.pdf")
    assert png.stat().st_size > 0


def test_data_sets_must_have_the_same_trainings(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="later has"):
        vanishing_plot([evidence("earlier"), evidence("later", ("regular",))], tmp_path / "vanishing")
    with pytest.raises(ValueError, match="no data set to draw"):
        vanishing_plot([], tmp_path / "vanishing")
