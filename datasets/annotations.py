"""What must not matter, for the samples that somebody annotated."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Dataset, Samples, Split
from .files.user_files import some_of
from .randomness import uniform


def annotate(samples: Samples, irrelevant: Tensor, ids: Tensor) -> Samples:
    """The samples with an annotation for some of them and none for the rest.

    Args:
        samples: their own annotation is dropped.
        irrelevant: what must not matter, bool, shape (M, *F).
        ids: the samples that the rows of `irrelevant` are for, int64, shape (M,), each once.

    Raises:
        TypeError: masks that are not bool.
        ValueError: another shape, an id that no sample has, or one given twice.
    """
    if irrelevant.dtype != torch.bool:
        raise TypeError(f"irrelevant must be of dtype torch.bool, got {irrelevant.dtype}")
    wanted = (len(ids), *samples.inputs.shape[1:])
    if irrelevant.shape != wanted:
        raise ValueError(f"irrelevant must have shape {wanted}, got {tuple(irrelevant.shape)}")
    rows = {sample: row for row, sample in enumerate(samples.ids.tolist())}
    given = ids.tolist()
    if unknown := [sample for sample in given if sample not in rows]:
        raise ValueError(f"annotations for ids that no sample has: {some_of(unknown)}")
    if len(set(given)) != len(given):
        raise ValueError(f"an id may be annotated once, got {len(given) - len(set(given))} more")
    masks = torch.zeros_like(samples.inputs, dtype=torch.bool)
    masks[[rows[sample] for sample in given]] = irrelevant
    return replace(samples, irrelevant=masks)


def annotated(dataset: Dataset, count: int, *, seed: int = 0) -> Dataset:
    """The data set with the annotation of a few random training samples; the test split keeps all of its own.

    Args:
        dataset: one whose samples carry an annotation.
        count: how many training samples keep theirs; a larger count keeps those of a smaller one.
        seed: another seed chooses others.

    Returns:
        A data set named NAME_annotated_COUNT, with _seed_SEED for a seed other than 0. Loading it raises ValueError if
        the samples have no annotation or are fewer than `count`.

    Raises:
        ValueError: a negative count or seed.
    """
    if count < 0 or seed < 0:
        raise ValueError(f"count and seed must not be negative, got {count} and {seed}")
    return replace(
        dataset,
        name=f"{dataset.name}_annotated_{count}" + (f"_seed_{seed}" if seed else ""),
        load=partial(_load_annotated, dataset, count, seed),
        description=f"{dataset.description}; {count} training samples are annotated",
    )


def _load_annotated(dataset: Dataset, count: int, seed: int, root: Path, split: Split) -> Samples:
    samples = dataset.load(root, split)
    if samples.irrelevant is None:
        raise ValueError(f"data set {dataset.name!r} has no annotation to keep a part of")
    if split is Split.TEST:
        return samples
    if count > len(samples):
        raise ValueError(f"count must be at most {len(samples)}, the training samples of {dataset.name!r}, got {count}")
    draws = uniform(samples.ids, (), seed=seed, purpose="annotated samples")
    kept = draws.argsort(stable=True)[:count]
    return annotate(samples, samples.irrelevant[kept], samples.ids[kept])
