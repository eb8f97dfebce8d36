"""The code blocks of a Markdown page, and the way to run them in order in one folder."""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.testing import CliRunner

from salbench.benchmark.cli import app

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?"
    r"^```(?P<language>[a-z]+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
ONE_PROCESS = {"COLUMNS": "160", "LOKY_MAX_CPU_COUNT": "1"}  # a wide terminal; tests share the machine


class Block(NamedTuple):
    """A code block between fences."""

    language: str
    text: str
    title: str | None  # a file that it is saved as, instead of being run
    reason: str | None  # why it cannot be run in a test, by the comment `<!-- not run: … -->` on the line before


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(match["language"], match["text"], match["title"], match["reason"]) for match in found]


def commands(text: str) -> list[list[str]]:
    """The arguments of each line that calls salbench, with what follows the name."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\s&\s*$", line):
            words = shlex.split(part, comments=True)
            if words and Path(words[0]).name == "salbench":
                found.append(words[1:])
    return found


def parse(arguments: list[str]) -> None:
    """Raise an error where the command line has no such command, option or choice; nothing is run."""
    command: Any = typer.main.get_command(app)
    context = command.make_context(command.name, list(arguments))
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)


def run(found: Iterable[Block]) -> dict[str, object]:
    """Run blocks in order in the current folder: commands, Python in one namespace, files saved under their titles.

    Returns:
        The namespace.
    """
    names: dict[str, object] = {"__name__": "guide"}
    for block in found:
        if block.title is not None:
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.reason is not None:
            check(block)
        elif block.language == "python":
            exec(block.text, names)
        elif block.language == "sh":
            for arguments in commands(block.text):
                result = CliRunner(env=ONE_PROCESS).invoke(app, arguments)
                assert result.exit_code == 0, (arguments, result.output)
    return names


def check(block: Block) -> None:
    """What can be said of a block without running it: Python compiles, and commands have such options."""
    if block.language == "python":
        compile(block.text, "block", "exec")
    elif block.language == "sh":
        for arguments in commands(block.text):
            parse(arguments)
