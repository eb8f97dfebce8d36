"""What a data set is: aligned tensors for N samples, and a declaration that loads them."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from .files.source import Source


class Modality(StrEnum):
    """The kind of input; it decides what one removable unit is (see `salbench.metrics.base.unit_maps`)."""

    IMAGE = "image"  # F = (C, H, W)
    SERIES = "series"  # F = (T, D)
    TABULAR = "tabular"  # F = (D,)
    TEXT = "text"  # F = (T,)


class Split(StrEnum):
    """The two parts of a data set. Test samples are never trained on."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """N samples and all that is known about them, aligned along the first axis.

    Raises:
        ValueError: two fields that do not have the shapes below.
    """

    inputs: Tensor  # (N, *F), float; for text int64 word ids, padded at the end with 0
    targets: Tensor  # (N,), int64 class indices
    ids: Tensor  # (N,), int64; a sample keeps its id in every subset and order
    fill: Tensor  # (N, *F), what stands in for a removed feature; may be an expanded view
    masks: Tensor | None = None  # (N, *F) bool, ground-truth evidence
    irrelevant: Tensor | None = None  # (N, *F) bool, features that must not matter (RRR's annotation A)
    removable: Tensor | None = None  # (N, *F) bool, what may be ranked and removed; None means all

    def __post_init__(self) -> None:
        for name in ("targets", "ids"):
            tensor = getattr(self, name)
            if tensor.shape != self.inputs.shape[:1]:
                raise ValueError(f"{name} must have shape {tuple(self.inputs.shape[:1])}, got {tuple(tensor.shape)}")
        for name in ("fill", "masks", "irrelevant", "removable"):
            tensor = getattr(self, name)
            if tensor is not None and tensor.shape != self.inputs.shape:
                raise ValueError(f"{name} must have shape {tuple(self.inputs.shape)}, got {tuple(tensor.shape)}")

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def partly_removable(self) -> bool:
        """Are there features that may not be ranked and removed?"""
        return self.removable is not None and not bool(self.removable.all())

    def __getitem__(self, index: slice | Tensor) -> "Samples":
        return self._map(lambda tensor: tensor[index])

    def to(self, device: torch.device | str) -> "Samples":
        """The same samples on another device."""
        return self._map(lambda tensor: tensor.to(device))

    def _map(self, change: Callable[[Tensor], Tensor]) -> "Samples":
        tensors = {part.name: getattr(self, part.name) for part in fields(self)}
        return replace(self, **{name: change(tensor) for name, tensor in tensors.items() if tensor is not None})


_LATER = {"left out of the identity": "at its default"}  # see `salbench.benchmark.identity`
ASIDE = {"left out of the identity": "always"}  # for what changes no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How a model is trained on a data set, the same for every training method that is compared on it."""

    epochs: int
    batch_size: int = 50
    optimizer: Literal["adam", "adadelta", "sgd"] = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    shuffle: bool = True
    momentum: float = 0.0  # of sgd
    decay_at: tuple[int, ...] = ()  # epochs after which the learning rate is multiplied by `decay`
    decay: float = 0.1
    precision: Literal["float32", "bfloat16"] = "float32"  # bfloat16: mixed, by torch's autocast; other weights
    channels_last: bool = False  # memory format of images; faster convolutions on GPUs; dropout draws in its order
    # Options that came later: a budget without them has the identity that it had before.
    stacked: bool = field(default=False, metadata=_LATER)  # trained together with like models; the same up to rounding
    compiled: bool = field(default=False, metadata=_LATER)  # by torch.compile; the same up to rounding
    # The stopping rules of published code; both look at the test split, so sound suites leave them out.
    stop_accuracy: float | None = None  # stop once the accuracy on the training or the test split reaches this share
    patience: int | None = None  # stop after so many epochs without a better test accuracy, and keep the best weights

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(f"epochs and batch_size must be at least 1, got {self.epochs} and {self.batch_size}")
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision must be float32 or bfloat16, got {self.precision!r}")
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(f"momentum belongs to the optimizer sgd, got {self.momentum} with {self.optimizer}")
        if self.stop_accuracy is not None and not 0 < self.stop_accuracy <= 1:
            raise ValueError(f"stop_accuracy must lie in (0, 1], got {self.stop_accuracy}")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be at least 1, got {self.patience}")
        if self.stacked and (self.compiled or self.channels_last):
            other = "compiled" if self.compiled else "channels_last"
            raise ValueError(f"a stacked training cannot be {other}; ask for one of the two")

    @property
    def watches_test(self) -> bool:
        """Does the test split decide how long a model is trained?"""
        return self.stop_accuracy is not None or self.patience is not None


class Counterfactual(NamedTuple):
    """The same test samples, but for a shortcut that was changed: what a model that ignores it answers the same."""

    shortcut: str  # what became of it: "informative" as in training, "flipped" to another class, or "absent"
    dataset: "Dataset"  # whose test split has the same ids


class Counts(NamedTuple):
    """How many samples each split has."""

    train: int
    test: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set by declaration: nothing is read before `load` is called."""

    name: str
    version: int  # raised whenever the samples or their preprocessing change
    modality: Modality
    shape: tuple[int, ...]  # F
    classes: int  # K
    load: Callable[[Path, Split], Samples]  # from the folder that holds all data
    fill: str  # what replaces a removed feature, in words
    evidence: bool  # do its samples carry masks
    budget: Budget
    description: str
    reference: str  # key in references.bib
    counts: Counts | None = field(default=None, metadata=ASIDE)  # of its samples, if known before files are read
    source: Source | None = None  # where its files come from; None if nothing has to be fetched
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None  # of a training batch's inputs, shape kept
    vectors: Callable[[Path], Tensor] | None = None  # text: the word vectors (V, E) that the word ids index
    vector_source: Source | None = None  # where the files behind them come from
    counterfactuals: tuple[Counterfactual, ...] = ()  # test splits on which a trained model is asked again
