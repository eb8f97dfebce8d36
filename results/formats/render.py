"""Tables as text, by the name of a format."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType

from ..leaderboard import Leaderboard
from ..sheet import Sheet
from .html import to_html
from .json_table import to_json
from .latex import to_latex
from .markdown import to_markdown


def describe(seeds: Sequence[int], suite: str, *, command: str | None = None) -> str:
    """A caption: the suite, the seeds, the version, and the command that makes the table again.

    Args:
        seeds: that are shown.
        suite: its name.
        command: None stands for the whole suite's table.
    """
    listed = ", ".join(map(str, seeds)) if len(seeds) <= 10 else f"{seeds[0]} to {seeds[-1]}"
    number = f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'} ({listed})"
    return f"Suite {suite}, {number}, salbench {version('salbench')}; made by: {command or f'salbench table {suite}'}."


def to_csv(shown: Leaderboard | Sheet) -> str:
    """All cells in long form and full precision, in the columns that `Leaderboard` explains."""
    return shown.cells.to_csv(index=False, lineterminator="\n")


RENDERERS: Mapping[str, Callable[[Sheet], str]] = MappingProxyType(
    {
        "markdown": to_markdown,
        "latex": to_latex,
        "html": to_html,
        "json": to_json,
        "csv": to_csv,  # a caption would be no row of it
    }
)
