"""The heatmap of agreement between conventions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from salbench.results.plots.conventions import _draw, agreement_heatmap, agreement_matrix


def agreement(*measures: str) -> pd.DataFrame:
    rows = [
        (measure, first, second, tau)
        for measure in measures
        for first, second, tau in (("one", "two $x_1$", 0.5), ("one", "three", -1.0))
    ]
    return pd.DataFrame(rows, columns=["measure", "first", "second", "tau"])


def test_matrix_is_symmetric_with_gaps_where_nothing_was_compared() -> None:
    square = agreement_matrix(agreement("aopc"), ["one", "two $x_1$", "three"])
    assert np.diag(square).tolist() == [1, 1, 1]
    values = square.to_numpy()
    assert values[2, 0] == values[0, 2] == -1
    assert np.isnan(values[1, 2])


@pytest.mark.parametrize("measures", [("aopc",), ("aopc", "deletion_auc", "aup")])
def test_files_are_written_for_screen_and_print(tmp_path: Path, measures: tuple[str, ...]) -> None:
    files = agreement_heatmap(agreement(*measures), tmp_path / "agreement", title="50 % of $x$ and a_b")
    assert [file.name for file in files] == ["agreement.png", "agreement.pdf"]
    assert files[1].read_bytes().startswith(b"%PDF")
    with Image.open(files[0]) as image:
        assert np.asarray(image.convert("L")).std() > 5


def test_what_rounds_to_zero_has_no_sign() -> None:
    found = agreement("aopc").assign(tau=[-0.003, -0.5])
    texts = {text.get_text() for text in _draw(found, "").axes[0].texts}
    assert texts == {"1", ".00", "-.50"}


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        agreement_heatmap(agreement().iloc[:0], tmp_path / "agreement")
