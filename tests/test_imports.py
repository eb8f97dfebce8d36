"""The packages import in one order only, and all of them are packaged."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ("datasets", "metrics", "baselines", "results", "benchmark")


def _imported_packages(file: Path) -> set[str]:
    """Which of the five packages a source file imports, by relative imports that leave its own package."""
    depth = len(file.relative_to(ROOT).parts) - 1
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > depth:
            found.add((node.module or node.names[0].name).split(".")[0])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("salbench"):
            pytest.fail(f"{file}:{node.lineno} imports salbench by its absolute name")
    return found


@pytest.mark.parametrize("package", ORDER)
def test_packages_import_in_one_order(package: str) -> None:
    allowed = set(ORDER[: ORDER.index(package)])
    for file in (ROOT / package).rglob("*.py"):
        assert _imported_packages(file) <= allowed, file


def test_every_folder_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaged = set(settings["tool"]["setuptools"]["packages"])
    folders = {file.parent.relative_to(ROOT) for package in ORDER for file in (ROOT / package).rglob("__init__.py")}
    assert packaged == {"salbench." + ".".join(folder.parts) for folder in folders}
    for package in ORDER:
        assert (ROOT / package / "py.typed").is_file()
