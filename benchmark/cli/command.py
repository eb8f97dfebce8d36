"""What makes a function a command: a request from its options, and one message instead of a traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape

from .options import Compiled, Debug, EntryFiles, Only, Scale, ScaleOption, Seeds, Stacked, SuiteName

if TYPE_CHECKING:
    from pathlib import Path

    from ..request import Request

SOME_FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130  # exit statuses


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function `--debug`, and in the place of its parameter `request` the options that make one.

    These are the parameters of `requested`. One that the function declares too keeps the function's form and place, and
    the function is handed its value beside the request.

    Args:
        function: a command as typer reads it, perhaps with a parameter `request`.
    """
    own = signature(function).parameters
    asked = signature(requested).parameters if "request" in own else {}
    options: list[Parameter] = []
    for parameter in own.values():
        if parameter.name == "request":
            options += [option for option in asked.values() if option.name not in own]
        else:
            options.append(parameter)
    if "debug" not in own:
        options.append(Parameter("debug", Parameter.KEYWORD_ONLY, default=False, annotation=Debug))

    @wraps(function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def called(**given: Any) -> None:
        with _errors_explained(given["debug"]):
            if asked:
                given["request"] = requested(**{name: given[name] for name in asked})
            function(**{name: given[name] for name in own})

    # What typer reads.
    vars(called)["__signature__"] = Signature([option.replace(kind=Parameter.KEYWORD_ONLY) for option in options])
    return called


def requested(
    suite: SuiteName = "quick",
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
) -> "Request":
    """What the options ask for."""
    from ..request import Request

    filters: dict[str, list[str]] = {}
    for pair in only or ():
        key, separator, name = pair.partition("=")
        if not separator:
            raise ValueError(f"--only takes KEY=NAME, such as training=regular, got {pair!r}")
        filters.setdefault(key, []).append(name)
    return Request(
        suite=suite,
        entries=entries or (),
        seeds=None if seeds is None else range(seeds),
        small=scale is Scale.SMALL,
        only=filters,
        stacked=stacked,
        compiled=compiled,
    )


def reference_folder(reference: bool) -> "Path | None":
    """What `--reference` means: the measurements that come with salbench."""
    from ..reference.known import FOLDER

    return FOLDER if reference else None


@contextmanager
def _errors_explained(debug: bool) -> Iterator[None]:
    """One message instead of a traceback, unless it is asked for."""
    try:
        yield
    except (ImportError, KeyError, LookupError, OSError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        if debug or isinstance(error, typer.Exit):
            raise
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        Console(stderr=True).print(f"[red]error[/red]: {escape(str(message))}", soft_wrap=True, highlight=False)
        raise typer.Exit(BAD_INPUT) from None
