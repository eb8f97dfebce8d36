import torch

from salbench.datasets.vocabulary import PADDING, SEPARATOR, UNKNOWN, Vocabulary
from salbench.datasets.words import tokens

TEXTS = [["a", "film", "a", "joy"], ["film", "[SEP]"]]


def test_words_are_ordered_by_frequency_and_then_by_the_alphabet() -> None:
    assert Vocabulary.of(TEXTS).words == ("a", "film", "joy")
    assert Vocabulary.of(reversed(TEXTS)).words == ("a", "film", "joy")
    assert Vocabulary.of(TEXTS, at_least=2).words == ("a", "film")
    assert len(Vocabulary.of(TEXTS)) == 6


def test_texts_become_padded_rows_and_back() -> None:
    vocabulary = Vocabulary.of(TEXTS)
    rows = vocabulary.encode([["joy", "[SEP]", "nothing"], ["a", "a", "a", "a", "a"], []], 4)
    assert rows.tolist() == [[5, SEPARATOR, UNKNOWN, PADDING], [3, 3, 3, 3], [0, 0, 0, 0]]
    assert rows.dtype == torch.int64
    assert vocabulary.decode(rows[0]) == ["joy", "[SEP]", "[UNK]"]


def test_sentences_are_parted_as_the_word_vectors_need_it() -> None:
    assert tokens("Steven Segal's 2nd, it can't miss!") == [
        *("steven", "segal", "'s", "2nd", ",", "it", "ca", "n't", "miss", "!")
    ]
    assert tokens("``Conan'' co writer/director") == ['"', "conan", '"', "co", "writer", "/", "director"]
    assert tokens("they\u2019re o'clock") == ["they", "'re", "o", "'", "clock"]
    assert tokens("") == []
