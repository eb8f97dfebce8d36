from pathlib import Path

import pytest

from salbench.benchmark.entry import Entry
from salbench.benchmark.identity import describe_recipe, digest
from salbench.benchmark.registry import EntriesError, find_entries, find_suite, suites

GOOD = """
from salbench.baselines.architectures import MLP
from salbench.baselines.training import Regular
from salbench.benchmark.entry import entries
from salbench.datasets import DIGITS

ENTRIES = entries(training="mine", recipe=Regular(), datasets=[DIGITS], architectures=[MLP])
"""


def write(folder: Path, text: str, name: str = "mine.py") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_training_methods_are_found_by_themselves() -> None:
    assert {"regular", "saliency_guided"} <= {entry.training for entry in find_entries().installed}


def test_file_anywhere_gives_entries(tmp_path: Path) -> None:
    found = find_entries([write(tmp_path, GOOD)])
    assert next(entry.name for entry in found.named) == "digits/mlp/mine/gradient"
    assert not {entry.training for entry in found.installed} & {"mine"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ENTRIES = [", "does not parse: line 1"),
        ("raise RuntimeError('no')", "raises on import: RuntimeError: no"),
        ("import sys; sys.exit(0)", "raises on import: SystemExit: 0"),
        ("import nothing_like_this", "raises on import: ModuleNotFoundError"),
        ("x = 1", "must define ENTRIES"),
        ("ENTRIES = []", "must define ENTRIES"),
        ("ENTRIES = [1]", "has 1 among its ENTRIES"),
        (GOOD.replace("Regular()", "Regular"), "recipe must be an instance"),
        (GOOD.replace('"mine"', '"my method/1"'), "may hold letters"),
        (GOOD.replace("[DIGITS]", "[]"), "no entry of training 'mine' fits together"),
    ],
)
def test_unusable_file_says_why(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(EntriesError, match=message) as caught:
        find_entries([file])
    assert str(file) in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EntriesError, match=r"no entries file .*nowhere\.py"):
        find_entries([tmp_path / "nowhere.py"])


def test_other_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EntriesError, match=r"must end in \.py"):
        find_entries([write(tmp_path, GOOD, "mine.txt")])


def test_repeated_name_names_both_modules(tmp_path: Path) -> None:
    clash = write(tmp_path, GOOD.replace('"mine"', '"regular"'))
    with pytest.raises(EntriesError, match=r"given twice, in salbench\.benchmark\.entries\.regular and in .*mine\.py"):
        find_entries([clash])
    first, second = write(tmp_path, GOOD, "a.py"), write(tmp_path, GOOD, "b.py")
    with pytest.raises(EntriesError, match=r"given twice, in .*a\.py and in .*b\.py"):
        find_entries([first, second])


def test_unknown_suite_gets_the_nearest_name() -> None:
    with pytest.raises(KeyError, match="no suite 'quik'; did you mean 'quick'"):
        find_suite("quik")


def test_suites_are_found_by_their_names() -> None:
    assert set(suites()) >= {"quick", "mnist", "fashion_mnist"}
    assert find_suite("mnist").name == "mnist"


def test_plugin_of_an_installed_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD.replace('"mine"', '"plugged"'), "plugged_entries.py")
    info = tmp_path / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[salbench.entries]\nplugged = plugged_entries\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "plugged" in {entry.training for entry in find_entries().installed}


def test_broken_plugin_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "raise RuntimeError('no')", "broken_entries.py")
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[salbench.entries]\nbroken = broken_entries\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EntriesError, match="plugin 'broken_entries' cannot be imported: RuntimeError: no"):
        find_entries()


RECIPE = """
from dataclasses import dataclass
from typing import ClassVar
from salbench.baselines.architectures import MLP
from salbench.baselines.training import Recipe
from salbench.benchmark.entry import entries
from salbench.datasets import DIGITS

@dataclass(frozen=True, slots=True, kw_only=True)
class Mine(Recipe):
    reference: ClassVar[str] = "ross2017right"
    def loss(self, model, batch, state):
        return model(batch.inputs).sum()

ENTRIES = entries(training="NAME", recipe=Mine(), datasets=[DIGITS], architectures=[MLP])
"""


def recipe_digest(entry: Entry) -> str:
    return digest(describe_recipe(entry.recipe, entry.budget))


def test_edited_file_is_another_recipe_in_the_same_session(tmp_path: Path) -> None:
    before = recipe_digest(find_entries([write(tmp_path, RECIPE)]).named[0])
    again = recipe_digest(find_entries([write(tmp_path, RECIPE)]).named[0])
    edited = recipe_digest(find_entries([write(tmp_path, RECIPE.replace("sum()", "mean()  "))]).named[0])
    assert before == again != edited


def test_two_files_of_one_name_keep_their_own_code(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = write(tmp_path / "a", RECIPE.replace("NAME", "first"))
    second = write(tmp_path / "b", RECIPE.replace("NAME", "second").replace("sum()", "mean()"))
    named = find_entries([first, second]).named
    alone = find_entries([first]).named
    assert recipe_digest(named[0]) == recipe_digest(alone[0])
    assert recipe_digest(named[0]) != recipe_digest(named[-1])
