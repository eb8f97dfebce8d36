"""Where a metric is defined: the functions behind it, and their docstrings as Markdown."""

import inspect
import re
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from ...metrics import Metric

_SECTION = re.compile(r"^(Args|Returns|Raises|Source|Yields):$", re.MULTILINE)
_NAMED = re.compile(r"`(\w+)`")


def definitions(metric: Metric) -> list[Callable[..., Any]]:
    """The public function behind a metric, and those that its docstring names in backticks, in their order.

    Of the functions in the metric's module it is the one with the longest name that begins the metric's; where none
    does, the first one whose docstring has a source.

    Raises:
        LookupError: a metric that no module of `salbench.metrics` declares, or without a public function.
    """
    module = _module_of(metric)
    public = {name: item for name, item in vars(module).items() if isinstance(item, FunctionType) and name[0] != "_"}
    own = [function for function in public.values() if function.__module__ == module.__name__ and function.__doc__]
    begun = [function for function in own if metric.name.startswith(function.__name__)]
    sourced = [function for function in own if "Source" in _sections(function)]
    if not begun + sourced + own:
        raise LookupError(f"metric {metric.name!r} has no public function with a docstring in {module.__name__}")
    main = max(begun, key=lambda function: len(function.__name__)) if begun else (sourced or own)[0]
    found = [main, *(function for function in own if "_diff_" in metric.name and function.__name__ == "above_random")]
    for function in found:  # grows while it is read
        for name in _NAMED.findall(function.__doc__ or ""):
            other = public.get(name)
            if other is not None and other not in found and other.__module__.startswith("salbench.metrics"):
                found.append(other)
    return list(found)


def definition(function: Callable[..., Any]) -> list[str]:
    """What the docstring says, without the arguments, and the options with their defaults."""
    sections = _sections(function)
    blocks = [f"### `{function.__name__}`", to_text(sections[""])]
    options = [
        f"`{name} = {getattr(parameter.default, 'value', parameter.default)!r}`"
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default not in {parameter.empty, None}
    ]
    blocks += [f"Defaults: {', '.join(options)}"] if options else []
    blocks += [f"**Gives.** {to_text(sections['Returns'])}"] if "Returns" in sections else []
    blocks += [f"**Source and departures.** {to_text(sections['Source'])}"] if "Source" in sections else []
    return blocks


def _sections(function: Callable[..., Any]) -> dict[str, str]:
    """A Google docstring by its sections; the text before them is under the empty name."""
    parts = _SECTION.split(inspect.getdoc(function) or "")
    return {"": parts[0].strip(), **{name: inspect.cleandoc(text) for name, text in zip(parts[1::2], parts[2::2])}}  # noqa: B905


def to_text(text: str) -> str:
    """Docstring as Markdown: stars and brackets outside of code mean themselves."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*<])", r"\\\1", part) for part in parts)


def _module_of(metric: Metric) -> ModuleType:
    package = "salbench.metrics"
    for name, module in sorted(sys.modules.items()):
        if name.startswith(f"{package}.") and any(item is metric for item in vars(module).values()):
            return module
    raise LookupError(f"no module of {package} declares the metric {metric.name!r}")
