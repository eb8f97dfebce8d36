"""What makes two pieces of work the same: canonical descriptions of objects, and their digests."""

import ast
import hashlib
import inspect
import json
import linecache
import sys
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import lru_cache, partial
from types import FunctionType
from typing import Any

from ..baselines.architectures.base import Architecture
from ..baselines.saliency.base import SaliencyMethod
from ..baselines.training.base import Recipe
from ..datasets.base import Budget, Dataset
from ..datasets.files.user_files import Place
from ..metrics.base import Metric

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(description: object) -> str:
    """SHA-256 of the canonical JSON of plain data, as 64 hexadecimal digits.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return hashed(canonical(description))


def canonical(description: object) -> str:
    """Plain data as JSON, in the one form that is digested.

    >>> canonical({"b": 1, "a": (2, None)})
    '{"a":[2,null],"b":1}'
    """
    return _CANONICAL.encode(description)


def hashed(text: str) -> str:
    """SHA-256 of a text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def identify(thing: Dataset | Architecture | SaliencyMethod | Metric) -> str:
    """`name@version`, and a digest of its code or settings where the version cannot vouch for them.

    Inside salbench the version is raised by hand whenever results change. Code from elsewhere has no such promise, so
    the source of its module is part of its identity: edit the file, and what it decides is measured again.
    """
    works = {Dataset: "load", Architecture: "build", SaliencyMethod: "explain", Metric: "score"}
    work = next(name for kind, name in works.items() if isinstance(thing, kind))
    extra = _describe_callable(getattr(thing, work))
    return f"{thing.name}@{thing.version}" + (f"#{digest(extra)[:12]}" if extra else "")


def describe_recipe(recipe: Recipe, budget: Budget) -> dict[str, Any]:
    """The training method with every hyperparameter, and the budget it is given, as plain data."""
    return {**_describe(recipe), "budget": _settings(budget)}


def _settings(thing: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, but for those that change no number or came later and are at their default."""

    def counts(field: Field[Any]) -> bool:
        left_out = field.metadata.get("left out of the identity")
        return left_out is None or (left_out == "at its default" and getattr(thing, field.name) != field.default)

    return {field.name: getattr(thing, field.name) for field in fields(thing) if counts(field)}


def _describe(recipe: Recipe) -> dict[str, Any]:
    return {
        "recipe": type(recipe).__qualname__,
        "version": recipe.version,
        "code": _outside_code(type(recipe).__module__),
        "hyperparameters": {field.name: _plain(getattr(recipe, field.name)) for field in fields(recipe)},
    }


def _describe_callable(function: Callable[..., Any]) -> list[Any]:
    if isinstance(function, partial):
        settings = [_plain(function.args), _plain(function.keywords)]
        return [settings, *_describe_callable(function.func)]
    if is_dataclass(function) and not isinstance(function, type):  # a callable that may wrap others
        own = _outside_code(type(function).__module__)
        parts = [getattr(function, field.name) for field in fields(function) if field.compare]
        if own:
            return [_plain(parts), own]
        wrapped = [getattr(part, "build", part) for part in parts]  # an architecture, or a function
        return [code for part in wrapped if callable(part) for code in _describe_callable(part)]
    code = _outside_code(getattr(function, "__module__", None) or type(function).__module__)
    return [code] if code else []


def forget_code() -> None:
    """Read the code of modules anew; to be called when one was imported again."""
    linecache.checkcache()
    _outside_code.cache_clear()


@lru_cache
def _outside_code(module_name: str) -> str:
    """Digest of a module's code without comments and layout; empty for salbench's own modules."""
    if module_name.startswith("salbench."):
        return ""
    module = sys.modules[module_name]
    try:
        return digest(ast.unparse(ast.parse(inspect.getsource(module))))
    except (OSError, TypeError):  # typed at a prompt: no source to read
        functions = [item for item in vars(module).values() if isinstance(item, FunctionType)]
        return digest([function.__code__.co_code.hex() for function in functions])


def _plain(value: object) -> Any:
    """A hyperparameter or setting as plain data.

    Raises:
        TypeError: a value that has no canonical form.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Recipe):
        return _describe(value)
    if isinstance(value, Place):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__qualname__, {name: _plain(item) for name, item in _settings(value).items()}]
    if callable(value):
        name = getattr(value, "__qualname__", type(value).__qualname__)
        return [name, *_describe_callable(value)]
    raise TypeError(
        f"a hyperparameter must be a number, text, tuple, dict, dataclass or function, got {type(value).__name__}"
    )
