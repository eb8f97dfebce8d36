"""Rated sentences, from a small file in the original format and, slowly, from the original."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
import torch

from salbench.datasets import OriginalFile, Source, Split
from salbench.datasets.movie_sentences import (
    LENGTH,
    MOVIE_SENTENCES,
    PLANTED_SENTENCES,
    PLANTED_WORDS,
    load_movie_sentences,
    load_planted_sentences,
    movie_vocabulary,
    rated_sentences,
)
from salbench.datasets.vocabulary import UNKNOWN

ROWS = [(f"Sentence number {place}, it's so so.", -2.0 + place % 5) for place in range(100)]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    rows = [*ROWS, (ROWS[3][0], 3.5), ("word " * 200, 2.0)]
    lines = "".join(f"{place}\t{rating}\t{sentence}\r\n" for place, (sentence, rating) in enumerate(rows, start=1))
    path = tmp_path / "tiny" / "ratings.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
        member.size = len(lines)
        archive.addfile(member, io.BytesIO(lines.encode()))
    content = path.read_bytes()
    file = OriginalFile(name=path.name, size=len(content), md5=hashlib.md5(content).hexdigest())
    return Source(folder="tiny", files=(file,))


def test_each_sentence_is_read_once_and_the_first_rating_counts(tmp_path: Path, source: Source) -> None:
    texts, ratings = rated_sentences(tmp_path, source=source)
    assert len(texts) == len(ratings) == 101
    assert texts[3] == ("sentence", "number", "3", ",", "it", "'s", "so", "so", ".")
    assert ratings[:5].tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]


def test_clear_sentences_are_split_and_padded(tmp_path: Path, source: Source) -> None:
    train, test = (load_movie_sentences(tmp_path, split, source=source) for split in Split)
    assert (len(train), len(test)) == (65, 16)  # 20 of the 101 are rated 0
    assert sorted([*train.ids.tolist(), *test.ids.tolist()]) == list(range(81))
    vocabulary = movie_vocabulary(tmp_path, source=source)
    for samples in (train, test):
        assert samples.inputs.shape == (len(samples), LENGTH)
        assert samples.removable is not None
        assert torch.equal(samples.removable, samples.inputs != 0)
        assert torch.equal(samples.fill, samples.removable * UNKNOWN)
        for row, target, place in zip(samples.inputs, samples.targets.tolist(), samples.ids.tolist(), strict=True):
            words = vocabulary.decode(row)
            if place == 80:
                assert words == ["word"] * LENGTH  # cut off
            else:
                assert target == (ROWS[int(words[2])][1] > 0)


def test_a_planted_word_decides_the_class_and_is_the_evidence(tmp_path: Path, source: Source) -> None:
    vocabulary = movie_vocabulary(tmp_path, source=source)
    places = set()
    for split in Split:
        planted = load_planted_sentences(tmp_path, split, source=source)
        plain = load_movie_sentences(tmp_path, split, source=source)
        assert torch.equal(planted.ids, plain.ids)
        assert planted.masks is not None
        for row, mask, target, original in zip(
            planted.inputs, planted.masks, planted.targets, plain.inputs, strict=True
        ):
            place = int(mask.nonzero())
            places.add(place)
            words = vocabulary.decode(row)
            assert words[place] in PLANTED_WORDS[int(target)]
            assert not set(words[:place] + words[place + 1 :]) & set(PLANTED_WORDS[0] + PLANTED_WORDS[1])
            assert words[:place] + words[place + 1 :] == vocabulary.decode(original)[: LENGTH - 1]
    assert {0, 9} <= places  # before the first word and behind the last


def test_the_planted_class_is_a_coin_that_ignores_the_rating(tmp_path: Path, source: Source) -> None:
    train = load_planted_sentences(tmp_path, Split.TRAIN, source=source)
    again = load_planted_sentences(tmp_path, Split.TRAIN, source=source)
    assert torch.equal(train.inputs, again.inputs)
    rated = load_movie_sentences(tmp_path, Split.TRAIN, source=source)
    for target in (0, 1):
        assert 0.3 < train.targets[rated.targets == target].float().mean() < 0.7


@pytest.mark.slow
@pytest.mark.network
def test_the_original_is_fetched_and_none_of_it_is_cut_or_planted(tmp_path: Path) -> None:
    train, test = (MOVIE_SENTENCES.load(tmp_path, split) for split in Split)
    assert (len(train), len(test)) == (7337, 1834)
    assert MOVIE_SENTENCES.counts == PLANTED_SENTENCES.counts == (len(train), len(test))
    assert all(0.5 < samples.targets.float().mean() < 0.51 for samples in (train, test))
    assert not (train.inputs[:, -1] != 0).any()
    vocabulary = movie_vocabulary(tmp_path)
    planted = torch.tensor(vocabulary.ids(PLANTED_WORDS[0] + PLANTED_WORDS[1]))
    assert not torch.isin(torch.cat([train.inputs, test.inputs]), planted).any()
    masks = PLANTED_SENTENCES.load(tmp_path, Split.TEST).masks
    assert masks is not None
    assert (masks.sum(dim=1) == 1).all()
