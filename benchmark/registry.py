"""Finds entries and suites: the folders of this package, installed plugins, and files named by the user."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from . import entries as entries_package
from . import suites as suites_package
from .entry import Entry
from .identity import digest, forget_code
from .names import find
from .suite import Suite


class EntriesError(ValueError):
    """A module with entries cannot be used; the message says which one and why."""


class Known(NamedTuple):
    """All entries at hand."""

    installed: tuple[Entry, ...]  # of this package and of plugins
    named: tuple[Entry, ...]  # of files that the user named


def find_entries(files: Iterable[Path] = ()) -> Known:
    """The entries of this package, of the entry-point group `salbench.entries`, and of Python files anywhere.

    An entry point names a module. A file is executed: read it first if it is not yours.

    Raises:
        EntriesError: a module that is missing, does not parse, raises on import or has no entries, or a name given
            twice.
    """
    installed = [(module.__name__, _entries_of(module, module.__name__)) for module in _modules(entries_package)]
    for plugin in entry_points(group="salbench.entries"):
        installed.append((plugin.module, _entries_of(_import_plugin(plugin.module), plugin.module)))
    named = [(str(file), _entries_of(_import_file(file), str(file))) for file in files]
    _refuse_repeated_names([*installed, *named])
    return Known(
        tuple(entry for _, entries in installed for entry in entries),
        tuple(entry for _, entries in named for entry in entries),
    )


@lru_cache
def suites() -> dict[str, Suite]:
    """All suites by name, in the order of their files; a file has one SUITE, or SUITES that belong together."""
    found = [
        suite for module in _modules(suites_package) for suite in getattr(module, "SUITES", None) or (module.SUITE,)
    ]
    return {suite.name: suite for suite in found}


def find_suite(name: str) -> Suite:
    """The suite of that name.

    Raises:
        KeyError: there is none; the message gives the nearest name and the command that lists all.
    """
    return find(name, suites(), kind="suite")


def _modules(package: ModuleType) -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name)
    ]


def _import_plugin(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever another package may do on import
        raise EntriesError(f"plugin {name!r} cannot be imported: {_reason(error)}") from error


def _import_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise EntriesError(f"no entries file {file}; `salbench new my_method` writes one to start from")
    name = f"salbench_entries_{file.stem}_{digest(str(file.resolve()))[:8]}"  # two files may have one name
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise EntriesError(f"{file} is not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and the digest of the code look the module up by its name
    forget_code()  # the file may have been edited since it was imported last
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise EntriesError(f"{file} does not parse: line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        raise EntriesError(f"{file} raises on import: {_reason(error)}") from error
    return module


def _entries_of(module: ModuleType, origin: str) -> list[Entry]:
    entries = getattr(module, "ENTRIES", None)
    if not isinstance(entries, Sequence) or not entries:
        raise EntriesError(f"{origin} must define ENTRIES, a list made by salbench.benchmark.entries(...)")
    for entry in entries:
        if not isinstance(entry, Entry):
            raise EntriesError(f"{origin} has {entry!r} among its ENTRIES, which is not an Entry")
    return list(entries)


def _refuse_repeated_names(groups: Iterable[tuple[str, Sequence[Entry]]]) -> None:
    origins: dict[str, str] = {}
    for origin, entries in groups:
        for entry in entries:
            if entry.name in origins:
                raise EntriesError(f"entry {entry.name} is given twice, in {origins[entry.name]} and in {origin}")
            origins[entry.name] = origin


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
