"""ERASER's three data sets, from small files in the original format."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from salbench.datasets import FetchError, Split
from salbench.datasets.eraser import (
    ERASER_ESNLI_TASK,
    ERASER_FEVER,
    ERASER_MOVIES,
    ERASER_MOVIES_TASK,
    eraser_vocabulary,
    read_eraser,
)
from salbench.datasets.formats.eraser_files import read_annotations, read_documents

QUERY = "What is the sentiment of this review ?"
REVIEW = "A bad film .\n\nTruly bad , and bad again .\n"
OTHER = "a fine film . \nGo .\n"


def evidence(docid: str, start: int, end: int, text: str = "") -> dict[str, Any]:
    span = {"start_token": start, "end_token": end, "start_sentence": 0, "end_sentence": 1}
    return {"text": text, "docid": docid, **span}


def annotation(name: str, label: str, groups: list[list[dict[str, Any]]], **more: Any) -> dict[str, Any]:
    row = {"annotation_id": name, "classification": label, "docids": None, "query": QUERY, "query_type": None}
    return {**row, "evidences": groups, **more}


MOVIES = [
    annotation("neg.txt", "NEG", [[evidence("neg.txt", 1, 3, "bad film")], [evidence("neg.txt", 4, 6, "Truly bad")]]),
    annotation("pos.txt", "POS", [[evidence("pos.txt", 1, 2, "fine")]]),
    annotation("pos.txt", "POS", []),
]


def write(folder: Path, rows: list[dict[str, Any]], documents: dict[str, str], *, joined: bool) -> Path:
    folder.mkdir()
    for part in ("train", "val", "test"):
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if joined:
        lines = [json.dumps({"docid": docid, "document": text}) for docid, text in documents.items()]
        (folder / "docs.jsonl").write_text("\n".join(lines) + "\n")
    else:
        (folder / "docs").mkdir()
        for docid, text in documents.items():
            (folder / "docs" / docid).write_text(text)
    return folder


@pytest.fixture(params=[False, True], ids=["docs folder", "docs.jsonl"])
def movies(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    documents = {"neg.txt": REVIEW, "pos.txt": OTHER, "unused.txt": "never never read"}
    write(tmp_path / "eraser_movies", MOVIES, documents, joined=request.param)
    return tmp_path


def test_rows_hold_document_separator_query_separator(movies: Path) -> None:
    part = read_eraser(ERASER_MOVIES_TASK, movies, "test")
    samples, vocabulary = part.samples, eraser_vocabulary(movies / "eraser_movies")
    words = vocabulary.decode(samples.inputs[0])
    unknown = ["[UNK]" if word not in vocabulary.words else word for word in (REVIEW + QUERY).lower().split()]
    assert words == [*unknown[:11], "[SEP]", *unknown[11:], "[SEP]"]
    assert {"bad", "film", ".", "a"} <= set(vocabulary.words)
    assert not {"truly", "never"} & set(vocabulary.words)  # once in the training documents, or not read at all
    assert samples.targets.tolist() == [0, 1, 1]
    assert samples.inputs.shape == (3, 1024)


def test_evidence_of_all_groups_is_the_mask_and_only_the_document_can_be_removed(movies: Path) -> None:
    samples = ERASER_MOVIES.load(movies, Split.TEST)
    assert samples.masks is not None
    assert samples.removable is not None
    assert samples.masks[0].nonzero().flatten().tolist() == [1, 2, 4, 5]
    assert samples.removable[0].nonzero().flatten().tolist() == list(range(11))
    assert not samples.masks[2].any()
    changed = samples.fill != samples.inputs
    assert not (changed & ~samples.removable).any()
    assert (samples.fill[samples.removable] == 1).all()


def test_splits_and_lines_give_ids_of_their_own(movies: Path) -> None:
    train, test = (ERASER_MOVIES.load(movies, split) for split in Split)
    assert train.ids.tolist() == [0, 1, 2]
    assert not set(train.ids.tolist()) & set(test.ids.tolist())
    assert read_eraser(ERASER_MOVIES_TASK, movies, "val").samples.ids[0] not in test.ids


def test_a_long_document_loses_its_end_and_never_the_query(movies: Path) -> None:
    part = read_eraser(replace(ERASER_MOVIES_TASK, length=15), movies, "test")
    row = eraser_vocabulary(movies / "eraser_movies").decode(part.samples.inputs[0])
    assert row[:5] == ["a", "bad", "film", ".", "[UNK]"]
    assert row[5] == row[14] == "[SEP]"
    assert part.pieces[0] == (("neg.txt", 0, 5, 11),)
    assert part.samples.masks is not None
    assert part.samples.masks[0].nonzero().flatten().tolist() == [1, 2, 4]  # the last token of the evidence is cut off
    with pytest.raises(ValueError, match=r"query of 'neg\.txt' must leave room for a document in 9 places, got 8"):
        read_eraser(replace(ERASER_MOVIES_TASK, length=9), movies, "test")


def test_two_documents_are_joined_and_those_without_evidence_left_out(tmp_path: Path) -> None:
    both = [[evidence("7_premise", 1, 2), evidence("7_hypothesis", 0, 1)]]
    rows = [
        annotation("7", "contradiction", both, query="", docids=["7_premise", "7_hypothesis"]),
        annotation("8", "entailment", [[evidence("8_premise", 0, 1)]], query="", docids=["8_premise", "8_hypothesis"]),
        annotation("9", "neutral", [], query="", docids=["7_premise", "8_hypothesis"]),
    ]
    documents = {"7_premise": "a dog runs", "7_hypothesis": "dogs sleep", "8_premise": "a a", "8_hypothesis": "dog"}
    write(tmp_path / "eraser_esnli", rows, documents, joined=True)
    part = read_eraser(ERASER_ESNLI_TASK, tmp_path, "test")
    vocabulary = eraser_vocabulary(tmp_path / "eraser_esnli")
    texts = [" ".join(vocabulary.decode(row)) for row in part.samples.inputs]
    assert texts == ["[UNK] [UNK] [SEP] a dog [UNK] [SEP]", "a a [SEP]", "a dog [UNK] [SEP] dog [SEP]"]
    assert part.samples.masks is not None
    assert part.samples.masks[0].nonzero().flatten().tolist() == [0, 4]
    assert part.samples.targets.tolist() == [1, 0, 2]
    assert [piece.docid for piece in part.pieces[0]] == ["7_hypothesis", "7_premise"]


def test_missing_files_are_asked_for_with_their_page(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"(?s)eraserbenchmark\.com.*66e18d4e.*docs/.*docs\.jsonl"):
        ERASER_MOVIES.load(tmp_path, Split.TEST)


def test_a_class_or_line_that_does_not_belong_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "eraser_fever", [MOVIES[0]], {"neg.txt": REVIEW}, joined=True)
    with pytest.raises(ValueError, match=r"class of 'neg\.txt' must be one of \('SUPPORTS', 'REFUTES'\), got 'NEG'"):
        ERASER_FEVER.load(tmp_path, Split.TEST)
    (folder / "val.jsonl").write_text('\n{"annotation_id": "x"}\n')
    with pytest.raises(ValueError, match=r"line 2, is not an ERASER annotation.*evidences"):
        read_annotations(folder / "val.jsonl")


@pytest.mark.parametrize("joined", [False, True])
def test_only_line_ends_and_spaces_part_tokens(tmp_path: Path, joined: bool) -> None:
    documents = {"neg.txt": "Rated 7\u00a0/\u00a010  by me \n\n the film\x85is\ttruly awful"}
    folder = write(tmp_path / "movies", MOVIES, documents, joined=joined)
    tokens = ("Rated", "7\u00a0/\u00a010", "by", "me", "the", "film\x85is\ttruly", "awful")
    assert read_documents(folder, ["neg.txt"])["neg.txt"] == tokens


@pytest.mark.parametrize(("start", "end"), [(9, 12), (11, 11), (3, 1), (-1, 2)])
def test_evidence_outside_its_document_is_named(tmp_path: Path, start: int, end: int) -> None:
    rows = [annotation("first", "NEG", [[evidence("neg.txt", start, end)]])]
    write(tmp_path / "eraser_movies", rows, {"neg.txt": REVIEW}, joined=True)
    with pytest.raises(ValueError, match=rf"'first' must be .* 11 that document 'neg\.txt' has, .* {start} to {end};"):
        ERASER_MOVIES.load(tmp_path, Split.TEST)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_annotations_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "train.jsonl").write_text(content)
    with pytest.raises(ValueError, match=r"train\.jsonl must hold an annotation a line, got none"):
        read_annotations(tmp_path / "train.jsonl")


@pytest.mark.parametrize(
    "line",
    [
        b'{"docid": "a", "docum',
        b'["a", "b"]',
        b'{"docid": "a"}',
        b'{"docid": "a", "document": ["x"]}',
        b'{"docid": "a", "document": "caf\xe9"}',
    ],
)
def test_a_line_that_is_not_a_document_is_named(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "docs.jsonl").write_bytes(b'{"docid": "b", "document": "x"}\n' + line + b"\n")
    with pytest.raises(ValueError, match=r"docs\.jsonl, line 2, is not an ERASER document"):
        read_documents(tmp_path, ["b"])


def test_files_in_another_encoding_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "movies", MOVIES, {"neg.txt": REVIEW}, joined=False)
    (folder / "docs" / "neg.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"neg\.txt must be text in UTF-8"):
        read_documents(folder, ["neg.txt"])
    (folder / "val.jsonl").write_bytes(b'\n{"annotation_id": "caf\xe9"}\n')
    with pytest.raises(ValueError, match=r"val\.jsonl, line 2, is not an ERASER annotation in UTF-8"):
        read_annotations(folder / "val.jsonl")


@pytest.mark.parametrize("name", ["gone.txt", "../train.jsonl"])
def test_a_document_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "movies", MOVIES, {"neg.txt": REVIEW}, joined=False)
    with pytest.raises(ValueError, match=f"must have the document '{name}'"):
        read_documents(folder, ["neg.txt", name])
