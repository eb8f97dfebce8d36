"""What an architecture is: a named way to build a model that returns logits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ...datasets.base import Dataset, Modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A model by declaration.

    `build(shape, classes)` returns an untrained module that maps (N, *shape) to logits (N, classes). It gives each
    activation a module of its own, because rules such as DeepLIFT's attach to modules and must see each call apart.
    Models of text are built by `build(shape, classes, vectors)`, with the data set's word vectors (V, E) as the table
    that their inputs, word ids, index; `build_for` knows which is which.
    """

    name: str
    version: int  # raised whenever the same weights would give other logits, or other weights would be drawn
    build: Callable[..., nn.Module]
    modalities: frozenset[Modality]
    description: str
    reference: str  # key in references.bib
    convolutional: bool = False  # has it a two-dimensional convolution, as Grad-CAM needs


def build_for(dataset: Dataset, architecture: Architecture, root: Path) -> nn.Module:
    """The untrained model for a data set; text brings its word vectors along.

    Args:
        dataset: gives F, K and the word vectors.
        architecture: what is built.
        root: the folder that holds all data; only read for word vectors.
    """
    if dataset.vectors is None:
        return architecture.build(dataset.shape, dataset.classes)
    return architecture.build(dataset.shape, dataset.classes, dataset.vectors(root))


def check_logits(logits: object, count: int, classes: int) -> Tensor:
    """The logits themselves, once they are known to be logits.

    Args:
        logits: what a model returned for `count` >= 2 inputs.
        count: the number of inputs, N.
        classes: the number of classes, K.

    Raises:
        TypeError: not a tensor.
        ValueError: not of shape (N, K), not finite, or probabilities or log-probabilities instead of logits.
    """
    if not isinstance(logits, Tensor):
        raise TypeError(f"the model must return a tensor of logits, got {type(logits).__name__}")
    if logits.shape != (count, classes):
        raise ValueError(f"the model must return logits of shape {(count, classes)}, got {tuple(logits.shape)}")
    if not logits.isfinite().all():
        broken = int((~logits.isfinite().all(dim=1)).sum())
        raise ValueError(f"the model returned NaN or infinite logits for {broken} of {count} samples")
    ones = torch.ones(count, device=logits.device)
    if (logits >= 0).all() and torch.allclose(logits.sum(dim=1).float(), ones, atol=1e-4):
        raise ValueError("the model returned probabilities; it must return logits, so leave the softmax out")
    if (logits <= 0).all() and torch.allclose(logits.logsumexp(dim=1).float(), 0 * ones, atol=1e-4):
        raise ValueError("the model returned log-probabilities; it must return logits, so leave the log-softmax out")
    return logits
