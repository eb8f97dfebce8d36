import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from salbench.datasets import glove as module
from salbench.datasets.files.source import FetchError
from salbench.datasets.glove import GLOVE_FILES, glove, read_vectors, word_table
from salbench.datasets.vocabulary import Vocabulary

NUMBERS = {"the": 0.5, "frog": -1.0, "naïve": 2.0}
LINES = "".join(f"{word} " + " ".join([str(value)] * 100) + "\n" for word, value in NUMBERS.items()).encode()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with vectors of 100 dimensions in GloVe's own format, of a release of three words."""
    monkeypatch.setattr(module, "_WORDS", 3)
    (tmp_path / GLOVE_FILES.folder).mkdir()
    (tmp_path / GLOVE_FILES.folder / "glove.6B.100d.txt").write_bytes(LINES)
    return tmp_path


def test_asked_words_are_read_and_others_passed_over(root: Path) -> None:
    vectors, known = glove(root, ["naïve", "qqq", "the"], dimensions=100)
    assert known.tolist() == [True, False, True]
    assert vectors[:, 0].tolist() == [2.0, 0.0, 0.5]
    assert vectors.shape == (3, 100)


def zipped(root: Path) -> Path:
    """The text file inside a zip, in its place."""
    text = root / GLOVE_FILES.folder / "glove.6B.100d.txt"
    path = text.with_name("glove.6B.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("glove.6B.100d.txt", text.read_bytes())
    text.unlink()
    return path


def test_the_zip_of_the_release_is_read_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(root)
    monkeypatch.setattr(module, "_ZIP_BYTES", path.stat().st_size)
    monkeypatch.setattr(module, "_ZIP_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    assert glove(root, ["frog"], dimensions=100).vectors[0, 3] == -1.0


def test_another_zip_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(root)
    size = path.stat().st_size
    with pytest.raises(
        FetchError, match=rf"glove\.6B\.zip must have 862182613 bytes, .* got {size} bytes.*; put the orig"
    ):
        glove(root, ["frog"], dimensions=100)
    monkeypatch.setattr(module, "_ZIP_BYTES", size)
    with pytest.raises(FetchError, match=r"must have .*617afb2f.*, got .*sha256 [0-9a-f]{64}; put the original"):
        glove(root, ["frog"], dimensions=100)


def test_other_dimensions_than_those_of_the_release_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"dimensions must be one of \(50, 100, 200, 300\), got 60"):
        glove(tmp_path, ["the"], dimensions=60)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there must be 3 lines, got 0"),
        (LINES[: LINES.index(b"frog")], "there must be 3 lines, got 1"),
        (LINES[:-1], "line 3 must have an end"),
        (LINES[:-5], "must have 100 numbers, got 99 for 'naïve' in line 3"),
        (LINES.replace(b"-1.0", b"-x.0", 1), "could not convert"),
    ],
    ids=["empty", "cut at a line", "cut at a number", "cut within a line", "not a number"],
)
def test_a_damaged_text_is_named(root: Path, content: bytes, message: str) -> None:
    (root / GLOVE_FILES.folder / "glove.6B.100d.txt").write_bytes(content)
    with pytest.raises(FetchError, match=rf"glove\.6B\.100d\.txt: .*{message}.*; put the original .* in its place"):
        glove(root, ["frog"], dimensions=100)


def test_missing_vectors_say_what_to_put_where(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"put glove\.6B\.300d\.txt, or glove\.6B\.zip .*glove_6b"):
        glove(tmp_path, ["the"], dimensions=300)


def test_vectors_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="must have 100 numbers, got 2 for 'the'"):
        read_vectors(io.BytesIO(b"the 1 2\n"), ["frog"], dimensions=100, count=1)


def test_the_table_has_padding_unknown_separator_and_then_the_words(root: Path) -> None:
    table = word_table(root, Vocabulary(("frog", "qqq", "the")), dimensions=100)
    assert table.shape == (6, 100)
    assert table.dtype == torch.float32
    assert not table[0].any()
    assert torch.equal(table[1], torch.full((100,), (-1.0 + 0.5) / 2))
    assert table[3, 0] == -1.0
    assert table[5, 0] == 0.5


def test_every_word_may_have_a_vector(root: Path) -> None:
    table = word_table(root, Vocabulary(("frog", "the")), dimensions=100)
    assert table[3:, 0].tolist() == [-1.0, 0.5]


@pytest.mark.parametrize("words", [(), ("qqq", "zzz")])
def test_no_word_need_have_a_vector(root: Path, words: tuple[str, ...]) -> None:
    table = word_table(root, Vocabulary(words), dimensions=100)
    assert table.shape == (3 + len(words), 100)
    assert table.isfinite().all()
    assert table[2:].std() == pytest.approx(1, abs=0.2)


def test_a_word_without_a_vector_gets_one_that_depends_on_it_alone(root: Path) -> None:
    first = word_table(root, Vocabulary(("frog", "qqq", "the")), dimensions=100)
    second = word_table(root, Vocabulary(("qqq", "the", "frog", "zzz")), dimensions=100)
    assert torch.equal(first[4], second[3])
    assert not torch.equal(second[3], second[6])
    assert np.allclose(second[3].mean(), -0.25, atol=0.3)


@pytest.mark.slow
@pytest.mark.network
def test_the_package_has_the_official_vectors(tmp_path: Path) -> None:
    vectors, known = glove(tmp_path, ["the", "frog", "toad", "parliament", "zxzxzx"])
    assert known.tolist() == [True, True, True, True, False]
    np.testing.assert_allclose(vectors[0, :4], [0.418, 0.24968, -0.41242, 0.1217], atol=1e-6)
    frog, toad, parliament = (vector / np.linalg.norm(vector) for vector in vectors[1:4])
    assert frog @ toad > 0.7 > 0.3 > frog @ parliament
