from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from salbench.results.curves import accuracy_panels
from salbench.results.plots.accuracy_drop import _draw, _Styles, accuracy_drop_plot
from salbench.results.record import Record

MakeRecord = Callable[..., Record]


def curves(make_record: MakeRecord) -> list[Record]:
    return [
        make_record(
            dataset=dataset,
            training=training,
            saliency=saliency,
            control=saliency == "random",
            seed=seed,
            curve={"percent": [0.0, 50.0, 100.0], "accuracy": [90.0, 50.0 - 10.0 * seed, 10.0]},
        )
        for dataset in ("digits@1", "$middle_1$")
        for training in ("regular", "_hidden & 50% $x$")
        for saliency in ("gradient", "random")
        for seed in (0, 1)
    ]


def test_png_and_pdf_are_written(tmp_path: Path, make_record: MakeRecord) -> None:
    png, pdf = accuracy_drop_plot(curves(make_record)[:2], tmp_path / "drop.png")
    assert (png.name, pdf.name) == ("drop.png", "drop.pdf")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_same_records_give_the_same_bytes(tmp_path: Path, make_record: MakeRecord) -> None:
    png, pdf = accuracy_drop_plot(curves(make_record), tmp_path / "drop.png")
    again = accuracy_drop_plot(curves(make_record), tmp_path / "again.png")
    assert [path.read_bytes() for path in again] == [png.read_bytes(), pdf.read_bytes()]


def test_nothing_to_draw_is_an_error(tmp_path: Path, make_record: MakeRecord) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        accuracy_drop_plot([make_record()], tmp_path / "drop.png")


def test_every_line_lies_inside_its_axes(make_record: MakeRecord) -> None:
    for axes in _draw(accuracy_panels(curves(make_record))).axes:
        low, high = axes.get_ylim()
        for line in axes.lines:
            heights = np.asarray(line.get_ydata())
            assert low <= heights.min()
            assert heights.max() <= high


def test_training_methods_that_share_a_color_have_other_dashes(make_record: MakeRecord) -> None:
    curve = {"percent": [0.0, 100.0], "accuracy": [90.0, 10.0]}
    names = [f"method_{place}" for place in range(14)]
    styles = _Styles(accuracy_panels(make_record(training=name, curve=curve) for name in names))
    looks = [styles.competitor(name, "gradient") for name in names]
    assert looks[0]["color"] == looks[6]["color"] == looks[12]["color"]
    assert len({str(look) for look in looks}) == 14
