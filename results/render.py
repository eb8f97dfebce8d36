"""A leaderboard as text, by the name of a format."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import MappingProxyType

from .html import to_html
from .json_table import to_json
from .latex import to_latex
from .leaderboard import Leaderboard
from .markdown import to_markdown


def describe(leaderboard: Leaderboard, suite: str) -> str:
    """A caption: the suite, the seeds, the version, and the command that makes the table again."""
    seeds = leaderboard.seeds
    listed = ", ".join(map(str, seeds)) if len(seeds) <= 10 else f"{seeds[0]} to {seeds[-1]}"
    number = f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'} ({listed})"
    return f"Suite {suite}, {number}, salbench {version('salbench')}; made by: salbench table {suite}."


def to_csv(leaderboard: Leaderboard) -> str:
    """All cells in long form and full precision, in the columns that `Leaderboard` explains."""
    return leaderboard.cells.to_csv(index=False, lineterminator="\n")


RENDERERS: Mapping[str, Callable[[Leaderboard, str], str]] = MappingProxyType(
    {
        "markdown": to_markdown,
        "latex": to_latex,
        "html": to_html,
        "json": to_json,
        "csv": lambda leaderboard, caption: to_csv(leaderboard),  # a caption would be no row of it
    }
)
