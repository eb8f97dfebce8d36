"""The ERASER format: annotations with evidence, one a line, and the documents that they are about."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

_Row = TypeVar("_Row")


class Evidence(NamedTuple):
    """A run of tokens in a document that speaks for the class."""

    docid: str
    start: int  # inclusive
    end: int  # exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One line of train.jsonl, val.jsonl or test.jsonl."""

    annotation_id: str
    query: tuple[str, ...]  # tokens
    classification: str
    docids: tuple[str, ...]  # the documents that are read, in the order of their names
    evidences: tuple[tuple[Evidence, ...], ...]  # groups, each sufficient by itself


def read_annotations(path: Path) -> list[Annotation]:
    """The annotations of one file, in its order; empty lines are left out.

    The documents of an annotation are those named in its evidence. If it has none, those of its `docids`, and if it
    has none of these either, the one called as the annotation itself.

    Raises:
        ValueError: a line that is not an annotation, which the message names, or a file without any.
    """
    annotations = list(_lines(path, _annotation, "annotation"))
    if not annotations:
        raise ValueError(f"{path} must hold an annotation a line, got none; put the original in its place")
    return annotations


def _lines(path: Path, read: Callable[[dict[str, Any]], _Row], kind: str) -> Iterator[_Row]:
    """What each line of JSON says; the message about a line that says something else names it."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                found = read(json.loads(line.decode()))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{path}, line {number}, is not an ERASER {kind} in UTF-8: {error!r}; put the original in its place"
                ) from error
            yield found


def _annotation(row: dict[str, Any]) -> Annotation:
    evidences = tuple(
        tuple(Evidence(str(item["docid"]), int(item["start_token"]), int(item["end_token"])) for item in group)
        for group in row["evidences"]
    )
    named = {item.docid for group in evidences for item in group}
    docids = named or {str(docid) for docid in row.get("docids") or ()} or {str(row["annotation_id"])}
    query = row.get("query") or ""
    if not isinstance(query, str):
        raise TypeError(f"the query must be text, got {type(query).__name__}")
    return Annotation(
        annotation_id=str(row["annotation_id"]),
        query=tuple(query.split()),
        classification=str(row["classification"]),
        docids=tuple(sorted(docids)),
        evidences=evidences,
    )


def read_documents(folder: Path, docids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The tokens of some documents, from docs/DOCID or from docs.jsonl: a sentence a line, a space between tokens.

    Other white space is part of a token, as evidence counts tokens that way.

    Raises:
        ValueError: a document that is not there or not in UTF-8, or a line of docs.jsonl that is not a document.

    Source:
        deyoung2020eraser, the reader of its public code; from docs.jsonl, which it reads otherwise, empty tokens are
        left out here too.
    """
    wanted = set(docids)
    texts = _from_folder(folder / "docs", wanted) if (folder / "docs").is_dir() else _from_file(folder, wanted)
    documents = {docid: _tokens(text) for docid, text in texts}
    if missing := sorted(wanted - set(documents)):
        raise ValueError(f"{folder} must have the document {missing[0]!r}, and {len(missing) - 1} others that it lacks")
    return documents


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(token for line in text.split("\n") for token in line.strip().split(" ") if token)


def _from_folder(docs: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    for docid in wanted:
        path = docs / docid
        if path.resolve().parent == docs.resolve() and path.is_file():  # a name that leads elsewhere is not there
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} must be text in UTF-8: {error}; put the original in its place") from error
            yield docid, text


def _from_file(folder: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    return (item for item in _lines(folder / "docs.jsonl", _document, "document") if item[0] in wanted)


def _document(row: dict[str, Any]) -> tuple[str, str]:
    if not isinstance(row["document"], str):
        raise TypeError(f"the document must be text, got {type(row['document']).__name__}")
    return str(row["docid"]), row["document"]
