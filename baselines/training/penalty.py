"""What a penalty on saliency maps is: a number made of a batch and of the gradient of its outputs by its inputs."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor

from ...datasets.base import Modality, Samples

Form = Literal["published", "corrected"]

IMAGES = frozenset({Modality.IMAGE})
ORDERED = frozenset({Modality.IMAGE, Modality.SERIES})
ALL = frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explained:
    """A batch with the model's logits and maps, all of them differentiable by the weights."""

    batch: Samples
    logits: Tensor  # (N, K)
    gradient: Tensor  # g, (N, *F): of the true class's output
    brightness: Tensor  # the inputs scaled to [0, 1] by the range of the training samples, (N, *F)
    logits_at: Callable[[Tensor], Tensor]  # on other inputs, (N, *F) to (N, K)
    logits_aside: Callable[[Tensor], Tensor]  # likewise, without a trace in running statistics
    explain: Callable[[Tensor, Tensor], Tensor]  # logits and inputs they were made from, to a gradient
    generator: torch.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty(ABC):
    """One term R of a loss: mean cross entropy plus the sum of weight times R."""

    modalities: ClassVar[frozenset[Modality]]  # where it means something
    extra_passes: ClassVar[int] = 0  # beyond those that all penalties share, see `SaliencyRegularized.passes`

    weight: float = 0.1  # alpha

    def __post_init__(self) -> None:
        if not self.weight >= 0:
            raise ValueError(f"weight must not be negative, got {self.weight}")
        form = getattr(self, "form", "published")
        if form not in get_args(Form):
            raise ValueError(f"form must be one of {get_args(Form)}, got {form!r}")

    @abstractmethod
    def value(self, explained: Explained) -> Tensor:
        """R, a scalar."""


def rescaled(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Each map moved and stretched to [0, 1].

    Args:
        maps: shape (N, *F).

    Returns:
        The maps, flat, shape (N, n); and which of them can be rescaled, shape (N,): a constant one cannot, and is 0.
    """
    flat = maps.flatten(1)
    low, high = flat.amin(dim=1, keepdim=True), flat.amax(dim=1, keepdim=True)
    defined = high > low
    return (flat - low) / torch.where(defined, high - low, 1), defined[:, 0]


def mean_where(values: Tensor, defined: Tensor) -> Tensor:
    """Mean of the values that are defined; 0 if there is none.

    Args:
        values: shape (N,).
        defined: bool, shape (N,).
    """
    return torch.where(defined, values, 0).sum() / defined.sum().clamp(min=1)
