"""Heat maps of series."""

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from salbench.results.plots.series import Heat, draw_heat, heat_map_plot


def heat(*, signed: bool = False) -> Heat:
    mask = torch.zeros(4, 3, dtype=torch.bool)
    mask[1:3, 0] = True
    return Heat(values=torch.arange(12.0).view(4, 3) - 6, mask=mask, signed=signed)


def test_heat_maps_are_written_as_png_and_pdf(tmp_path: Path) -> None:
    grid = [[heat(), heat(signed=True)], [Heat(values=torch.zeros(4, 3)), Heat(values=torch.zeros(4, 3), signed=True)]]
    png, pdf = heat_map_plot(grid, tmp_path / "maps.png", rows=["a_b$", "c"], columns=["input", "map"])
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_names_must_fit_the_grid(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"1 rows and 2 columns are named, got 1 rows of \[1\]"):
        heat_map_plot([[heat()]], tmp_path / "maps", rows=["a"], columns=["input", "map"])
    with pytest.raises(ValueError, match="no map to draw"):
        heat_map_plot([], tmp_path / "maps", rows=[], columns=[])


def test_the_outline_is_the_edge_of_the_mask() -> None:
    axes = Figure().subplots()
    draw_heat(axes, heat())
    (outline,) = axes.collections
    assert isinstance(outline, LineCollection)
    ends = {tuple(map(tuple, np.asarray(segment).tolist())) for segment in outline.get_segments()}
    # feature 0 at steps 1 and 2: above and below each of the two cells, left of the first and right of the second
    assert ends == {
        ((0.5, -0.5), (1.5, -0.5)),
        ((1.5, -0.5), (2.5, -0.5)),
        ((0.5, 0.5), (1.5, 0.5)),
        ((1.5, 0.5), (2.5, 0.5)),
        ((0.5, -0.5), (0.5, 0.5)),
        ((2.5, -0.5), (2.5, 0.5)),
    }


def test_time_runs_from_left_to_right() -> None:
    axes = Figure().subplots()
    draw_heat(axes, heat(signed=True))
    assert np.asarray(axes.images[0].get_array()).shape == (3, 4)
    assert axes.images[0].get_clim() == (-6.0, 6.0)
