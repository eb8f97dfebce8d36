"""Examples in docstrings run and are true."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

PACKAGES = ("datasets", "metrics", "baselines", "results", "benchmark")


def _modules() -> list[str]:
    found = []
    for name in PACKAGES:
        package: ModuleType = importlib.import_module(f"salbench.{name}")
        found += [info.name for info in pkgutil.walk_packages(package.__path__, f"salbench.{name}.")]
    return found


@pytest.mark.parametrize("name", _modules())
def test_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
