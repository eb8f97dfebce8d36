"""Published and measured effects: every point is drawn where it belongs, and names are shown as they are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from salbench.results.plots.effects import effect_figure, effect_plot

EFFECTS = pd.DataFrame(
    {
        "dataset": "",
        "training": "guided",
        "architecture": ["tcn", "tcn", "$lstm$", "tcn"],
        "saliency": ["gradient", "_hidden", "gradient", "gradient"],
        "metric": ["aup", "aup", "aup", "aur"],
        "published": [0.1, -0.2, 0.05, 3.0],
        "measured": [0.2, 0.1, -0.01, 1.0],
        "by_seed": [{0: 0.1, 1: 0.3}, {0: 0.1}, {}, {0: 1.0}],
        "settled": [True, False, False, False],
    }
)


def points(axes: Axes) -> dict[tuple[float, float], Line2D]:
    """The mark of each effect."""
    marks = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    places = [np.asarray(mark.get_xydata(), dtype=float)[0].tolist() for mark in marks]
    return {(across, up): mark for (across, up), mark in zip(places, marks, strict=True)}


def test_png_and_pdf_are_written(tmp_path: Path) -> None:
    png, pdf = effect_plot(EFFECTS, tmp_path / "effects", title="table 2, 50% $")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_every_point_lies_inside_the_panel_of_its_metric() -> None:
    panels = {axes.get_title(): axes for axes in effect_figure(EFFECTS, title="").axes if axes.get_visible()}
    assert set(panels) == {"aup", "aur"}
    for metric, axes in panels.items():
        rows = EFFECTS[EFFECTS["metric"] == metric]
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        assert left < 0 < right
        assert low < 0 < high
        drawn = set(points(axes))
        assert drawn == set(zip(rows["published"], rows["measured"], strict=True))
        assert all(left < x < right and low < y < high for x, y in drawn)


def test_only_settled_effects_are_filled() -> None:
    axes = effect_figure(EFFECTS, title="").axes[0]
    drawn = {published: mark for (published, _), mark in points(axes).items()}
    assert drawn[0.1].get_markerfacecolor() == drawn[0.1].get_color()
    assert drawn[-0.2].get_markerfacecolor() == "white"


def test_whiskers_reach_from_the_least_to_the_greatest_seed() -> None:
    axes = effect_figure(EFFECTS.iloc[:1], title="").axes[0]
    ((segment,),) = [bars.get_segments() for bars in axes.collections if hasattr(bars, "get_segments")]
    assert np.allclose(segment, [[0.1, 0.1], [0.1, 0.3]])


def test_the_legend_names_architectures_and_methods_as_they_are() -> None:
    (legend,) = effect_figure(EFFECTS, title="").legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["tcn", "$lstm$", "gradient", "_hidden", "seeds settle the sign", "they do not"]
    assert not any(text.get_parse_math() for text in legend.get_texts())


def test_colors_tell_training_methods_where_there_are_several() -> None:
    several = EFFECTS.assign(training=["guided", "smooth", "guided", "guided"])
    (legend,) = effect_figure(several, title="").legends
    assert [text.get_text() for text in legend.get_texts()][:4] == ["tcn", "$lstm$", "guided", "smooth"]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        effect_figure(EFFECTS.iloc[:0], title="")
