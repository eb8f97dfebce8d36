"""How a figure is written: for the screen and for print."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (6, 2, 1, 2)), (0, (3, 1, 3, 1, 1, 1)), (0, (9, 3, 3, 3)))


def line_look(number: int, dashes: Sequence[Any] = DASHES) -> dict[str, Any]:
    """Color and dashes of a line; with the usual dashes, of 30 no two look alike.

    Args:
        number: of the line, from 0.
        dashes: as matplotlib's linestyle takes them.
    """
    turn, place = divmod(number, len(COLORS))  # other dashes each time a color returns
    return {"color": COLORS[place], "linestyle": dashes[turn % len(dashes)]}


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
