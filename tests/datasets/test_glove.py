import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from salbench.datasets.files.source import FetchError
from salbench.datasets.glove import GLOVE_FILES, glove, read_vectors, word_table
from salbench.datasets.vocabulary import Vocabulary

NUMBERS = {"the": 0.5, "frog": -1.0, "naïve": 2.0}
LINES = "".join(f"{word} " + " ".join([str(value)] * 100) + "\n" for word, value in NUMBERS.items()).encode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data folder with vectors of 100 dimensions in GloVe's own format."""
    (tmp_path / GLOVE_FILES.folder).mkdir()
    (tmp_path / GLOVE_FILES.folder / "glove.6B.100d.txt").write_bytes(LINES)
    return tmp_path


def test_asked_words_are_read_and_others_passed_over(root: Path) -> None:
    vectors, known = glove(root, ["naïve", "qqq", "the"], dimensions=100)
    assert known.tolist() == [True, False, True]
    assert vectors[:, 0].tolist() == [2.0, 0.0, 0.5]
    assert vectors.shape == (3, 100)


def test_the_zip_of_the_release_is_read_too(tmp_path: Path, root: Path) -> None:
    text = root / GLOVE_FILES.folder / "glove.6B.100d.txt"
    with zipfile.ZipFile(text.with_name("glove.6B.zip"), "w") as archive:
        archive.writestr("glove.6B.100d.txt", text.read_bytes())
    text.unlink()
    assert glove(root, ["frog"], dimensions=100).vectors[0, 3] == -1.0


def test_missing_vectors_say_what_to_put_where(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"put glove\.6B\.300d\.txt, or glove\.6B\.zip .*glove_6b"):
        glove(tmp_path, ["the"], dimensions=300)


def test_vectors_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="must have 100 numbers, got 2 for 'the'"):
        read_vectors(io.BytesIO(b"the 1 2\n"), ["the"], dimensions=100)


def test_the_table_has_padding_unknown_separator_and_then_the_words(root: Path) -> None:
    table = word_table(root, Vocabulary(("frog", "qqq", "the")), dimensions=100)
    assert table.shape == (6, 100)
    assert table.dtype == torch.float32
    assert not table[0].any()
    assert torch.equal(table[1], torch.full((100,), (-1.0 + 0.5) / 2))
    assert table[3, 0] == -1.0
    assert table[5, 0] == 0.5


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
