"""A user's own table, with columns that must not matter."""

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.user_files import Place, content_digest, some_of
from .splits import stratified_split


def annotated_table(
    path: Path | str,
    *,
    target: str,
    ignore: Sequence[str] = (),
    split: str | None = None,
    name: str | None = None,
    budget: Budget | None = None,
) -> Dataset:
    """Declare a data set of a user's own table, with columns that must not matter.

    Columns are standardized by the mean and standard deviation of the training rows.

    Args:
        path: a CSV file with a line of column names; it is read again whenever the data set is loaded.
        target: the column with the class; classes are numbered in sorted order.
        ignore: columns of features that must not matter, for every row.
        split: the column that says "train" or "test"; None keeps a fixed, stratified quarter for testing.
        name: of the data set; None takes the file's.
        budget: how models are trained on it; None takes 60 epochs with batches of 50.

    Raises:
        ValueError: a file that is no CSV in UTF-8, a column that is not there, a feature that is not a number, classes
            of several types, fewer than two classes, or a class that is missing from a split.
        OSError: a file that cannot be read.
    """
    path = Path(path).expanduser().resolve()
    features, targets, parts = _read(path, target, split)
    if unknown := [column for column in ignore if column not in features]:
        raise ValueError(
            f"ignore must name columns of features ({', '.join(features.columns)}), got {some_of(unknown)}"
        )
    return Dataset(
        name=name or path.stem,
        version=1,
        modality=Modality.TABULAR,
        shape=(len(features.columns),),
        classes=int(targets.max()) + 1,
        load=partial(_load, Place(str(path)), target, tuple(ignore), split, content_digest([path], path.parent)),
        fill="the mean of the training rows, 0",
        evidence=False,
        budget=budget or Budget(epochs=60),
        description=f"{len(features)} rows of {path.name}, standardized on the training rows; ignored: "
        + (", ".join(ignore) or "nothing"),
        reference="ross2017right",  # of the annotations; the data are the user's
        counts=Counts(len(parts[Split.TRAIN]), len(parts[Split.TEST])),
    )


def frame_samples(
    frame: pd.DataFrame, split: Split, *, target: str, ignore: Sequence[str] = (), split_column: str | None = None
) -> Samples:
    """One split of a data frame as samples, as `annotated_table` makes them of a file.

    Args:
        frame: a row a sample.
        split: which part.
        target: the column with the class; classes are numbered in sorted order.
        ignore: columns of features that must not matter, for every row.
        split_column: the column that says "train" or "test"; None keeps a fixed, stratified quarter for testing.

    Raises:
        ValueError: as for `annotated_table`.
    """
    return _samples(*_parts(frame, "the frame", target, split_column), ignore, split)


def _read(path: Path, target: str, split: str | None) -> tuple[pd.DataFrame, Tensor, dict[Split, Tensor]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # of lines with more values than there are names
            table = pd.read_csv(path, index_col=False, low_memory=False)  # at once, so that a column is of one type
    except (ValueError, pd.errors.ParserWarning) as error:  # pandas's own and those of the encoding
        raise ValueError(
            f"{path} must be a CSV file in UTF-8 that names each of its columns in the first line: {error}"
        ) from error
    return _parts(table, str(path), target, split)


def _parts(
    table: pd.DataFrame, path: str, target: str, split: str | None
) -> tuple[pd.DataFrame, Tensor, dict[Split, Tensor]]:
    """Features, classes, and the rows of each split."""
    for column in (target, split):
        if column is not None and column not in table:
            raise ValueError(f"{path} has no column {column!r}; it has {', '.join(map(str, table.columns))}")
    if table[target].isna().any():
        raise ValueError(f"every row must have a class, but {int(table[target].isna().sum())} have no {target!r}")
    try:
        kinds, codes = np.unique(table[target].to_numpy(), return_inverse=True)
    except TypeError as error:  # numbers and text have no order
        types = sorted({type(kind).__name__ for kind in table[target]})
        raise ValueError(
            f"the classes in column {target!r} must be of one type, got {some_of(types)}; write all as text"
        ) from error
    targets = torch.from_numpy(codes).long()
    if len(kinds) < 2:
        raise ValueError(f"column {target!r} must hold at least two classes, got {len(kinds)}")
    features = table.drop(columns=[target] if split is None else [target, split])
    for feature in features:
        if not _is_finite(features[feature]):
            raise ValueError(f"column {feature!r} must hold finite numbers alone; drop it or encode it")
    if features.empty:
        raise ValueError(f"{path} must hold a column of features beside {target!r}")
    if split is None:
        rows = {part: stratified_split(targets, part, test_fraction=0.25, seed=0) for part in Split}
    else:
        if strange := sorted(set(table[split].astype(str)) - set(Split)):
            raise ValueError(f"column {split!r} must say train or test, got {some_of(strange)}")
        rows = {part: torch.from_numpy(np.flatnonzero(table[split] == part)) for part in Split}
    for part, chosen in rows.items():
        if missing := [str(kind) for code, kind in enumerate(kinds) if code not in targets[chosen]]:
            raise ValueError(f"classes missing from the {part} split: {some_of(missing)}")
    return features, targets, rows


def _is_finite(column: pd.Series) -> bool:
    if not pd.api.types.is_numeric_dtype(column) or column.isna().any():
        return False
    return bool(np.isfinite(column.to_numpy(dtype=np.float64)).all())


def _load(
    place: Place, target: str, ignore: Sequence[str], split_column: str | None, digest: str, _root: Path, split: Split
) -> Samples:
    path = Path(place.path)
    if content_digest([path], path.parent) != digest:
        raise ValueError(f"{path} was changed after the data set was declared; declare it again")
    return _samples(*_read(path, target, split_column), ignore, split)


def _samples(
    table: pd.DataFrame, targets: Tensor, rows: dict[Split, Tensor], ignore: Sequence[str], split: Split
) -> Samples:
    if unknown := [column for column in ignore if column not in table]:
        raise ValueError(f"ignore must name columns of features ({', '.join(table.columns)}), got {some_of(unknown)}")
    features = torch.from_numpy(table.to_numpy(dtype=np.float64, copy=True))
    mean, deviation = features[rows[Split.TRAIN]].mean(dim=0), features[rows[Split.TRAIN]].std(dim=0, correction=0)
    ids = rows[split]
    inputs = ((features[ids] - mean) / torch.where(deviation > 0, deviation, 1)).float()
    ignored = torch.from_numpy(table.columns.isin(list(ignore)))
    return Samples(
        inputs=inputs,
        targets=targets[ids],
        ids=ids,
        fill=torch.zeros(1).expand_as(inputs),
        irrelevant=ignored.expand_as(inputs),
    )
