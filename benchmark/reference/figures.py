"""The figures that measurements give without the maps behind them: effects, and those of publications made anew."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from ...results.plots.effects import FEWEST, effect_figure
from ...results.store import Store
from ..plan_results import Results
from ..suite import Figure

_DPI = 90


def reference_figures(results: Results, store: Store) -> dict[str, bytes]:
    """Each as PNG, by its name.

    Args:
        results: what was measured.
        store: that holds the measurements, without tensors.
    """
    drawn = {}
    for number, (table, effects) in enumerate(results.effects, start=1):
        if len(effects) >= FEWEST:
            picture = BytesIO()
            effect_figure(effects, title=table.title).savefig(picture, format="png", dpi=_DPI, bbox_inches="tight")
            drawn[f"effects_{number}"] = picture.getvalue()
    for figure in results.suite.figures:
        if figure.of_numbers:
            drawn |= _drawn(figure, results, store)
    return drawn


def _drawn(figure: Figure, results: Results, store: Store) -> dict[str, bytes]:
    """Nothing where too little was measured."""
    with TemporaryDirectory(prefix="salbench-") as folder:
        try:
            files = figure.draw(results, store, Path(folder), Path(folder) / figure.name)
        except (LookupError, ValueError):
            return {}
        return {file.stem: file.read_bytes() for file in files if file.suffix == ".png"}
