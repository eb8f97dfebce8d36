"""`salbench new` writes what `salbench check` accepts, and a method that breaks a promise is told which."""

from pathlib import Path

import pytest

from salbench.benchmark.check import check
from salbench.benchmark.new import new
from salbench.benchmark.registry import EntriesError


def broken(file: Path, before: str, after: str) -> dict[str, str]:
    """The broken promises of the template with one change."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    return {item.promise: item.error for item in check(file, data=file.parent) if item.error}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = new("my_method", tmp_path)
    path.write_text(path.read_text().replace("[DIGITS, MIDDLE]", "[DIGITS]"))
    return path


def test_what_is_written_keeps_every_promise(tmp_path: Path) -> None:
    checks = check(new("my_method", tmp_path), data=tmp_path)
    assert [item for item in checks if item.error] == []
    assert {item.subject for item in checks} >= {"digits/mlp/my_method", "middle/tcn/my_method/gradient"}


@pytest.mark.parametrize(
    ("before", "after", "promise", "reason"),
    [
        (
            "return error +",
            "model.eval()\n        return error +",
            "the loss is one finite number that reaches every parameter",
            "left the model in eval mode",
        ),
        (
            "return error +",
            "return float('nan') * error +",
            "the loss is one finite number that reaches every parameter",
            "the loss is",
        ),
    ],
)
def test_a_broken_promise_is_named(file: Path, before: str, after: str, promise: str, reason: str) -> None:
    found = broken(file, before, after)
    assert promise in found
    assert reason in found[promise]


def test_noise_from_elsewhere_is_noticed(file: Path) -> None:
    found = broken(file, "return error +", "import os\n        return error * (1 + os.urandom(1)[0] / 255) +")
    assert "draw all noise from state.generator" in found["equal seeds give equal weights"]


def test_a_map_that_looks_at_the_batch_is_noticed(file: Path) -> None:
    file.write_text(
        file.read_text()
        + """
from dataclasses import replace

def whole(model, samples, seed):
    return samples.inputs - samples.inputs.mean(dim=0)

LOOKS = replace(GRADIENT, name="looks", explain=whole)
ENTRIES = entries(
    training="my_method", recipe=MyMethod(), datasets=[DIGITS], architectures=[MLP], saliency=[LOOKS]
)
"""
    )
    found = {item.promise for item in check(file, data=file.parent) if item.error}
    assert found == {"a map does not depend on the other samples"}


def test_a_file_is_never_overwritten(file: Path) -> None:
    with pytest.raises(FileExistsError, match=r"my_method\.py is there already and was left as it is; choose another"):
        new("my_method", file.parent)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"no folder .*missing; make it first, or name another with --folder"):
        new("my_method", tmp_path / "missing")


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is a training method 'regular' already; choose another name"):
        new("regular", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["My", "a-b", "../x", ""])
def test_a_name_that_is_no_python_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="such as my_method"):
        new(name, tmp_path)


@pytest.mark.parametrize("name", ["none", "true", "import"])
def test_a_word_of_python_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"such as my_{name}"):
        new(name, tmp_path)


def test_an_architecture_that_cannot_be_built_does_not_stop_the_others(tmp_path: Path) -> None:
    file = new("my_method", tmp_path)
    text = file.read_text().replace("[DIGITS, MIDDLE]", "[DIGITS]").replace("[MLP, TCN]", "[MLP, NONE]")
    broken = (
        "\nfrom dataclasses import replace\n\nNONE = replace(MLP, name='none', build=lambda shape, classes: 1 / 0)\n"
    )
    file.write_text(text.replace("\n\n@dataclass", broken + "\n\n@dataclass", 1))
    checks = check(file, data=tmp_path)
    assert {item.subject for item in checks if item.error} == {
        "digits/none/my_method",
        "digits/none/my_method/gradient",
        "digits/none/my_method/integrated_gradients",
    }
    assert all("ZeroDivisionError" in item.error for item in checks if item.error)
    assert any(item.subject == "digits/mlp/my_method/gradient" for item in checks)


def test_a_file_without_entries_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(EntriesError, match="must define ENTRIES"):
        check(tmp_path / "empty.py", data=tmp_path)
