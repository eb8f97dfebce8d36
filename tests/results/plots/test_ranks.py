"""Critical-difference diagrams: the files, and that nothing is lost or out of place."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salbench.results.plots.ranks import _draw, critical_difference_plot
from salbench.results.ranks import RankComparison, compare_ranks

NAMES = ["gradient", "_hidden", "$x_1$", "<script>", "integrated_gradients"]


def comparison(methods: int = 5, blocks: int = 12) -> RankComparison:
    values = np.random.default_rng(0).normal(np.arange(methods), 1.0, size=(blocks, methods))
    return compare_ranks(pd.DataFrame(values, columns=(NAMES * methods)[:methods] if methods <= 5 else None))


def test_png_and_pdf_are_written(tmp_path: Path) -> None:
    png, pdf = critical_difference_plot(comparison(), tmp_path / "ranks.png", title="aopc & 50% $")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_same_ranks_give_the_same_bytes(tmp_path: Path) -> None:
    first = critical_difference_plot(comparison(), tmp_path / "first.png")
    second = critical_difference_plot(comparison(), tmp_path / "second.png")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("methods", [2, 3, 5, 14])
def test_every_name_and_line_lies_inside(methods: int) -> None:
    found = comparison(methods)
    figure = _draw(found, "title")
    (axes,) = figure.axes
    low, high = axes.get_ylim()
    for line in axes.lines:
        heights = np.asarray(line.get_ydata(), dtype=float)
        assert low <= heights.min()
        assert heights.max() <= high
    texts = [text.get_text() for text in axes.texts]
    for name in found.average:
        assert any(name in text.split() for text in texts)


def test_bars_are_those_of_the_comparison() -> None:
    found = comparison()
    (axes,) = _draw(found, "").axes
    thick = [line for line in axes.lines if line.get_linewidth() == 3.0]
    assert len(thick) == len(found.groups) > 0
    for line, group in zip(thick, found.groups, strict=True):
        left, right = np.asarray(line.get_xdata(), dtype=float)
        assert left < found.average[group[0]] < found.average[group[-1]] < right
