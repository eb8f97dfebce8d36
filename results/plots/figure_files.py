"""How a figure is written: for the screen and for print."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito


def write_figure(figure: "Figure", path: Path) -> list[Path]:
    """The figure as PNG and PDF; the same figure gives the same bytes.

    Args:
        figure: what was drawn.
        path: its suffix is replaced.
    """
    files = [path.parent / f"{path.name}{suffix}" for suffix in (".png", ".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})
    return files
