"""Newsgroups: weights by hand and by scikit-learn, both readers, and what they refuse."""

import codecs
import io
import pickle
import shutil
import tarfile
from math import log, sqrt
from pathlib import Path

import pytest
import torch
from sklearn.datasets import fetch_20newsgroups, load_files
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from salbench.datasets import FetchError, Split
from salbench.datasets.formats.newsgroup_posts import GROUPS, Posts, read_archive, read_lines
from salbench.datasets.newsgroups import NEWSGROUPS, NEWSGROUPS_WORDS, weights

TRAINING = Posts(["God exists God", "no god exists", "no proof"], [1, 0, 0], [2, 0, 1])
ASKED = Posts(["proof of God", "nothing known"], [1, 0], [1, 0])


class TestWeights:
    def test_they_are_count_times_smoothed_inverse_frequency(self) -> None:
        """The vocabulary in order is God, exists, god, no, proof; of 3 posts, 1, 2, 1, 2, 1 hold them."""
        samples = weights(TRAINING, TRAINING, first_id=0)
        rare, common = log(4 / 2) + 1, log(4 / 3) + 1
        length = sqrt((2 * rare) ** 2 + common**2)
        torch.testing.assert_close(samples.inputs[0], torch.tensor([2 * rare / length, common / length, 0, 0, 0]))

    def test_they_are_those_of_counts_and_a_transformer(self) -> None:
        counts = CountVectorizer(lowercase=False, max_features=4).fit(TRAINING.texts)
        transformer = TfidfTransformer().fit(counts.transform(TRAINING.texts))
        expected = transformer.transform(counts.transform(ASKED.texts)).toarray()
        samples = weights(TRAINING, ASKED, first_id=20, words=4)
        assert torch.equal(samples.inputs, torch.from_numpy(expected).float())
        assert samples.ids.tolist() == [21, 20]
        assert samples.targets.tolist() == [1, 0]

    def test_a_post_without_a_known_word_is_all_zeros(self) -> None:
        assert weights(TRAINING, ASKED, first_id=0).inputs[1].eq(0).all()


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


class TestArchive:
    def test_places_are_by_group_and_name(self, tmp_path: Path) -> None:
        archive = packed(
            tmp_path / "posts.tar.gz",
            {
                "20news-bydate-train/soc.religion.christian/7": b"first",
                "20news-bydate-train/alt.atheism/100": b"later",
                "20news-bydate-train/alt.atheism/21": b"caf\xe9",
                "20news-bydate-train/sci.med/3": b"another group",
                "20news-bydate-test/alt.atheism/5": b"another split",
            },
        )
        posts = read_archive(archive, Split.TRAIN)
        assert sorted(zip(posts.places, posts.targets, posts.texts, strict=True)) == [
            (0, 0, "later"),
            (1, 0, "café"),
            (2, 1, "first"),
        ]

    @pytest.mark.parametrize("split", Split)
    def test_the_order_is_that_of_scikit_learn(self, tmp_path: Path, split: Split) -> None:
        names = {
            f"20news-bydate-{part}/{group}/{number}": f"{part} {group} {number}"
            for part in Split
            for group in ("comp.graphics", *GROUPS, "talk.religion.misc")
            for number in range(50_000 + len(group), 50_000 + 3 * len(group))
        }
        for name, text in names.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        read = {part: load_files(tmp_path / f"20news-bydate-{part}", encoding="latin1") for part in ("train", "test")}
        cache = codecs.encode(pickle.dumps(read), "zlib_codec")  # as scikit-learn keeps what it has fetched
        (tmp_path / "20news-bydate_py3.pkz").write_bytes(cache)
        expected = fetch_20newsgroups(
            data_home=tmp_path, subset=str(split), categories=GROUPS, download_if_missing=False
        )
        archive = packed(tmp_path / "posts.tar.gz", {name: text.encode() for name, text in names.items()})
        posts = read_archive(archive, split)
        assert posts.texts == expected.data
        assert posts.targets == expected.target.tolist()
        assert sorted(posts.places) == list(range(len(posts.texts)))
        assert [text for _, text in sorted(zip(posts.places, posts.texts, strict=True))] == sorted(posts.texts)

    def test_strange_members_are_left_out(self, tmp_path: Path) -> None:
        archive = tmp_path / "posts.tar.gz"
        with tarfile.open(archive, "w:gz") as members:
            for name, kind in (
                ("20news-bydate-train/alt.atheism/1", tarfile.REGTYPE),
                ("20news-bydate-train/alt.atheism/2", tarfile.SYMTYPE),
                ("20news-bydate-train/alt.atheism/../../../3", tarfile.REGTYPE),
                ("/20news-bydate-train/alt.atheism/4", tarfile.REGTYPE),
                ("20news-bydate-train/alt.atheism/passwd", tarfile.REGTYPE),
                ("20news-bydate-train/soc.religion.christian/5", tarfile.REGTYPE),
            ):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = kind, "/etc/passwd"
                members.addfile(entry)
        posts = read_archive(archive, Split.TRAIN)
        assert (posts.texts, sorted(posts.targets)) == (["", ""], [0, 1])
        assert list(tmp_path.iterdir()) == [archive]

    def test_a_missing_group_is_named(self, tmp_path: Path) -> None:
        archive = packed(tmp_path / "posts.tar.gz", {"20news-bydate-test/alt.atheism/1": b""})
        with pytest.raises(ValueError, match=r"test split of .* must hold posts of soc\.religion\.christian, got none"):
            read_archive(archive, Split.TEST)

    def test_a_damaged_archive_is_named(self, tmp_path: Path) -> None:
        whole = packed(tmp_path / "posts.tar.gz", {"20news-bydate-test/alt.atheism/1": bytes(range(256)) * 99})
        whole.write_bytes(whole.read_bytes()[:-40])
        with pytest.raises(ValueError, match=r"posts\.tar\.gz cannot be read"):
            read_archive(whole, Split.TEST)

    def test_another_archive_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "newsgroups").mkdir()
        (tmp_path / "newsgroups" / "20news-bydate.tar.gz").write_bytes(b"no posts")
        with pytest.raises(FetchError, match=r"expected sha256 8f1b2514.*, found [0-9a-f]{64}"):
            NEWSGROUPS.load(tmp_path, Split.TRAIN)

    def test_a_missing_archive_says_where_to_put_it(self, tmp_path: Path) -> None:
        with pytest.raises(FetchError, match=r"20news-bydate\.tar\.gz"):
            NEWSGROUPS.load(tmp_path, Split.TRAIN)


class TestLines:
    def test_header_other_groups_and_empty_texts_are_left_out(self, tmp_path: Path) -> None:
        table = tmp_path / "posts.tab"
        lines = ["Category\tText", "d\tstring", "class\t", "alt.atheism\tno god", "sci.med\tpills", "alt.atheism"]
        table.write_text("\n".join([*lines, "alt.atheism\t", "soc.religion.christian\tgod"]), encoding="utf-8")
        assert sorted(zip(*read_lines(table), strict=True)) == [("god", 1, 1), ("no god", 0, 0)]

    def test_both_groups_are_shuffled_and_places_are_by_line(self, tmp_path: Path) -> None:
        lines = [f"{group}\t{group} {number}" for group in (*GROUPS, "talk.religion.misc") for number in range(20)]
        (tmp_path / "posts.tab").write_text("\n".join(["a", "b", "c", *lines]), encoding="utf-8")
        posts = read_lines(tmp_path / "posts.tab")
        assert posts.targets != sorted(posts.targets)
        assert [lines[place].split("\t")[1] for place in posts.places] == posts.texts

    def test_a_missing_group_is_named(self, tmp_path: Path) -> None:
        table = tmp_path / "posts.tab"
        table.write_text("a\nb\nc\nalt.atheism\tno god\n", encoding="utf-8")
        with pytest.raises(ValueError, match=r"must hold posts of soc\.religion\.christian, got none"):
            read_lines(table)


@pytest.mark.slow
@pytest.mark.network
def test_the_real_posts(tmp_path: Path) -> None:
    if shutil.which("pip") is None:
        pytest.skip("pip is not installed")
    train, test = (NEWSGROUPS_WORDS.load(tmp_path, split) for split in Split)
    assert (train.inputs.shape, test.inputs.shape) == ((1078, 5000), (717, 5000))
    assert NEWSGROUPS_WORDS.counts == (len(train), len(test))
    assert train.targets.bincount().tolist() == [480, 598]
    assert all(0.3 < batch.float().mean() < 0.8 for batch in train.targets.split(256))
    assert not set(train.ids.tolist()) & set(test.ids.tolist())
    assert test.targets.bincount().tolist() == [319, 398]
    assert torch.allclose(test.inputs.norm(dim=1), torch.tensor(1.0))
