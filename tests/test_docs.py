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


EXTRAS = {"ray"}  # what whole modules need that is not always installed


@pytest.mark.parametrize("name", _modules())
def test_examples_in_docstrings_are_true(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        pytest.skip(f"needs the extra {error.name}")
    assert doctest.testmod(module).failed == 0
