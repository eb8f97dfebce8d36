"""Movies, FEVER and e-SNLI of the ERASER benchmark: documents whose evidence people marked token by token."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from .base import Budget, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import BroughtSource, Form, OriginalFile
from .formats.eraser_files import Annotation, read_annotations, read_documents
from .glove import word_table
from .vocabulary import RESERVED, SEPARATOR, UNKNOWN, Vocabulary

Part = Literal["train", "val", "test"]

DIMENSIONS = 200  # of the word vectors
_PARTS: tuple[Part, ...] = ("train", "val", "test")
_FIRST_IDS = {"train": 0, "val": 10_000_000, "test": 20_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class EraserTask:
    """One of ERASER's data sets, as far as reading it goes."""

    source: BroughtSource
    classes: tuple[str, ...]  # their names; a class's index is its place
    length: int  # T


class Piece(NamedTuple):
    """A document, or as much of it as is read, within the row of its sample."""

    docid: str
    start: int  # its first token's place in the row
    tokens: int  # how many are read
    whole: int  # how many the document has


class EraserPart(NamedTuple):
    """The samples of one file, and what a results file must say about each."""

    samples: Samples
    annotations: list[Annotation]
    pieces: list[tuple[Piece, ...]]  # of each sample


def read_eraser(task: EraserTask, root: Path, part: Part) -> EraserPart:
    """Read train, val or test of a data set in the ERASER format.

    A row is each document that the evidence names, in the order of their names and each followed by [SEP], then the
    query and a last [SEP]. Words are made lower case. A row that is too long loses the end of its documents, the last
    one first, and never its query. Only the documents' tokens can be removed; the masks are the tokens of all evidence
    groups.

    Args:
        task: which data set.
        root: the folder that holds all data.
        part: which file.

    Returns:
        Samples with word ids of shape (N, T); a sample's id is its line, from 0 for train, 10,000,000 for val and
        20,000,000 for test. Words that occur less than twice in the training file are unknown.

    Raises:
        FetchError: the files are not there.
        ValueError: files that are not in the format, a class that is not one of the task's, evidence outside its
            document, or a query as long as T.

    Source:
        deyoung2020eraser, and the reader of its public baselines for the order of the row.
    """
    folder = fetch(task.source, root)
    annotations = read_annotations(folder / f"{part}.jsonl")
    documents = read_documents(folder, _docids(annotations))
    vocabulary = eraser_vocabulary(folder)
    shape = (len(annotations), task.length)
    inputs = torch.zeros(shape, dtype=torch.int64)
    removable, masks = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    pieces = []
    for row, annotation in enumerate(annotations):
        _check_evidence(annotation, documents)
        pieces.append(_layout(annotation, documents, task.length))
        end = 0
        for piece in pieces[-1]:
            end = piece.start + piece.tokens
            words = _lower(documents[piece.docid][: piece.tokens])
            inputs[row, piece.start : end] = torch.tensor(vocabulary.ids(words), dtype=torch.int64)
            removable[row, piece.start : end] = True
            for evidence in (item for group in annotation.evidences for item in group if item.docid == piece.docid):
                masks[row, piece.start + evidence.start : min(piece.start + evidence.end, end)] = True
            inputs[row, end] = SEPARATOR
            end += 1
        if annotation.query:
            tail = [*vocabulary.ids(_lower(annotation.query)), SEPARATOR]
            inputs[row, end : end + len(tail)] = torch.tensor(tail, dtype=torch.int64)
    samples = Samples(
        inputs=inputs,
        targets=_targets(annotations, task.classes),
        ids=torch.arange(len(annotations)) + _FIRST_IDS[part],
        fill=inputs.masked_fill(removable, UNKNOWN),
        masks=masks,
        removable=removable,
    )
    return EraserPart(samples, annotations, pieces)


def load_eraser(task: EraserTask, root: Path, split: Split) -> Samples:
    """The samples of train.jsonl or test.jsonl; see `read_eraser`, which also reads val.jsonl."""
    return read_eraser(task, root, "train" if split is Split.TRAIN else "test").samples


@lru_cache(maxsize=3)
def eraser_vocabulary(folder: Path) -> Vocabulary:
    """The words that occur at least twice in the documents and queries of train.jsonl."""
    annotations = read_annotations(folder / "train.jsonl")
    documents = read_documents(folder, _docids(annotations))
    texts = [*documents.values(), *(annotation.query for annotation in annotations)]
    return Vocabulary.of((_lower(text) for text in texts), at_least=2)


def eraser_vectors(task: EraserTask, root: Path) -> Tensor:
    """Their GloVe vectors of 200 dimensions, shape (V, 200), from a file that the user brings."""
    return word_table(root, eraser_vocabulary(fetch(task.source, root)), dimensions=DIMENSIONS)


def _docids(annotations: Iterable[Annotation]) -> set[str]:
    return {docid for annotation in annotations for docid in annotation.docids}


def _lower(words: Iterable[str]) -> list[str]:
    return [word if word in RESERVED else word.lower() for word in words]


def _check_evidence(annotation: Annotation, documents: dict[str, tuple[str, ...]]) -> None:
    for docid, start, end in (evidence for group in annotation.evidences for evidence in group):
        if not 0 <= start < end <= len(documents[docid]):
            raise ValueError(
                f"evidence of {annotation.annotation_id!r} must be tokens of the {len(documents[docid])} that document "
                f"{docid!r} has, the end exclusive, got {start} to {end}; put the original files in place"
            )


def _layout(annotation: Annotation, documents: dict[str, tuple[str, ...]], length: int) -> tuple[Piece, ...]:
    """Where each document lies in the row, cut so that separators and query have their place."""
    free = length - len(annotation.docids) - (len(annotation.query) + 1 if annotation.query else 0)
    if free < 1:
        raise ValueError(
            f"the query of {annotation.annotation_id!r} must leave room for a document in {length} places, "
            f"got {len(annotation.query)} tokens"
        )
    pieces, start = [], 0
    for docid in annotation.docids:
        whole = len(documents[docid])
        pieces.append(Piece(docid, start, min(whole, free), whole))
        free -= pieces[-1].tokens
        start += pieces[-1].tokens + 1
    return tuple(pieces)


def _targets(annotations: list[Annotation], classes: tuple[str, ...]) -> Tensor:
    for annotation in annotations:
        if annotation.classification not in classes:
            raise ValueError(
                f"the class of {annotation.annotation_id!r} must be one of {classes}, got {annotation.classification!r}"
            )
    return torch.tensor([classes.index(annotation.classification) for annotation in annotations], dtype=torch.int64)


def _brought(name: str, archive: str) -> BroughtSource:
    annotations = tuple(OriginalFile(name=f"{part}.jsonl", size=0, md5="") for part in _PARTS)
    documents = OriginalFile(name="docs.jsonl", size=0, md5="")
    return BroughtSource(
        folder=f"eraser_{name}",
        parts=(
            (
                Form(name="with a folder of documents", files=annotations, folders=("docs",)),
                Form(name="with all documents in one file", files=(*annotations, documents)),
            ),
        ),
        page=f"the ERASER benchmark, www.eraserbenchmark.com: the contents of {archive}",
    )


ERASER_MOVIES_TASK = EraserTask(
    source=_brought(
        "movies",
        "movies.tar.gz (3899487 bytes, sha256 66e18d4e6c9df9e9f5544572b0bfe92a39673f74ecbfc3859b46cedb2f5b2dee as a "
        "third party pins it)",
    ),
    classes=("NEG", "POS"),
    length=1024,
)
ERASER_FEVER_TASK = EraserTask(source=_brought("fever", "fever.tar.gz"), classes=("SUPPORTS", "REFUTES"), length=512)
ERASER_ESNLI_TASK = EraserTask(
    source=_brought("esnli", "esnli.tar.gz"), classes=("entailment", "contradiction", "neutral"), length=128
)


def _declare(name: str, task: EraserTask, description: str, budget: Budget) -> Dataset:
    return Dataset(
        name=f"eraser_{name}",
        version=2,
        modality=Modality.TEXT,
        shape=(task.length,),
        classes=len(task.classes),
        load=partial(load_eraser, task),
        fill="the unknown word",
        evidence=True,
        budget=budget,
        description=description,
        reference="deyoung2020eraser",
        source=task.source,
        vectors=partial(eraser_vectors, task),
    )


ERASER_MOVIES = _declare(
    "movies",
    ERASER_MOVIES_TASK,
    "movie reviews, negative or positive, with rationales",
    Budget(epochs=20, batch_size=32),
)
ERASER_FEVER = _declare(
    "fever", ERASER_FEVER_TASK, "claims and what supports or refutes them in Wikipedia", Budget(epochs=5, batch_size=64)
)
ERASER_ESNLI = _declare(
    "esnli",
    ERASER_ESNLI_TASK,
    "sentence pairs that entail, contradict or neither, with rationales",
    Budget(epochs=3, batch_size=64),
)
