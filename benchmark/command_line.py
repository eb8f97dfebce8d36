"""Commands of the shell, as messages name them: with all options, so that they can be copied."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .request import Request

STORE = Path("salbench-store")  # what keeps measurements, if nothing else is said


def command_line(
    command: str,
    request: "Request",
    *more: str,
    store: Path | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A command with the options that ask the same.

    Args:
        command: such as "run".
        request: what is asked.
        more: words that follow.
        store: the folder; the usual one is not named.
        only: filters in place of the request's.
    """
    words = ["salbench", command, request.name]
    if store is not None and store != STORE:
        words += ["--store", str(store)]
    for file in request.entries:
        words += ["--entries", str(file)]
    if request.seeds is not None:
        words += ["--seeds", str(max(request.seeds) + 1)]  # they count from 0
    for key, names in (request.only if only is None else only).items():
        for name in names:
            words += ["--only", f"{key}={name}"]
    if request.small:
        words += ["--scale", "small"]
    words += [option for option, asked in (("--stacked", request.stacked), ("--compile", request.compiled)) if asked]
    return shlex.join([*words, *more])
