"""Control maps: what a metric must place first, in the middle and last before its ranking of methods means anything."""

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from ...datasets.base import Modality, Samples
from ...datasets.randomness import uniform
from .base import SaliencyMethod
from .gradients import GRADIENT


def random(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """Independent uniform numbers in [0, 1), shape (N, *F).

    Each channel of an image has its own, so that what metrics read of a pixel, the mean over its channels, is uniform
    on gray images alone: on images of three channels Gini, entropy and AUR are lower.
    """
    return _removable(uniform(samples.ids, samples.inputs.shape[1:], seed=seed, purpose="random control"), samples)


def oracle(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """All relevance on the ground-truth evidence, most of it on few features, shape (N, *F).

    The evidence is put in random order and the feature of rank r gets 1 / r². A map that is flat on the evidence
    would have the same AUP, but AUR also asks that little area holds most of the mass; this one is near the upper
    bound of both.
    """
    if samples.masks is None:
        raise ValueError("the oracle needs samples with masks, the ground-truth evidence")
    return _concentrated_on(samples.masks, samples.ids, seed)


def inverted(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """The worst map that can be named, shape (N, *F).

    Where the evidence is known, the oracle of everything else; where it is not, the order of the absolute gradient
    reversed. A pixel's is that of the mean over its channels, as metrics rank it.
    """
    if samples.masks is not None:
        off = ~samples.masks if samples.removable is None else samples.removable & ~samples.masks
        return _concentrated_on(off, samples.ids, seed)
    slopes = GRADIENT.explain(model, samples, seed)
    if slopes.ndim == 4:
        slopes = slopes.mean(dim=1, keepdim=True).expand_as(slopes)
    magnitude = _removable(slopes.abs(), samples)
    return _removable(magnitude.flatten(1).amax(dim=1).view(-1, *[1] * (magnitude.ndim - 1)) - magnitude, samples)


def input_itself(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """The input in place of a map, shape (N, *F): right wherever large values are the evidence."""
    return samples.inputs


def edge_filter(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """Magnitude of the Sobel gradient of each channel, borders replicated, shape (N, C, H, W).

    Source:
        sobel1968isotropic; as a control, adebayo2018sanity, section 4.
    """
    inputs = samples.inputs
    kernel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).to(inputs)
    kernels = torch.stack([kernel, kernel.T])[:, None]  # (2, 1, 3, 3)
    planes = inputs.flatten(0, 1)[:, None]  # (N·C, 1, H, W)
    slopes = conv2d(pad(planes, (1, 1, 1, 1), mode="replicate"), kernels)
    return slopes.square().sum(dim=1).sqrt().view_as(inputs)


def constant(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """Ones, shape (N, *F): no preference at all, so that everything depends on how a metric breaks ties."""
    ones = torch.ones_like(samples.inputs, dtype=None if samples.inputs.is_floating_point() else torch.float32)
    return _removable(ones, samples)


def _removable(maps: Tensor, samples: Samples) -> Tensor:
    """The maps with zeros where nothing can be removed, such as in the padding of a text."""
    return maps if samples.removable is None else maps * samples.removable


def _concentrated_on(masks: Tensor, ids: Tensor, seed: int) -> Tensor:
    """1 / r² on the masked features in a random order r = 1, 2, …, and zero elsewhere."""
    inside = masks.flatten(1)
    priority = uniform(ids, inside.shape[1:], seed=seed, purpose="oracle control").masked_fill(~inside, -1.0)
    ranks = priority.argsort(dim=1, descending=True, stable=True).argsort(dim=1) + 1.0
    return torch.where(inside, ranks**-2, 0.0).view(masks.shape)


ORACLE = SaliencyMethod(
    name="oracle",
    version=1,
    explain=oracle,
    modalities=frozenset(Modality),
    signed=False,
    description="all relevance on the ground-truth evidence",
    reference="adebayo2018sanity",
    needs_evidence=True,
    control=True,
)
RANDOM = SaliencyMethod(
    name="random",
    version=1,
    explain=random,
    modalities=frozenset(Modality),
    signed=False,
    description="uniform noise",
    reference="adebayo2018sanity",
    control=True,
)
INVERTED = SaliencyMethod(
    name="inverted",
    version=1,
    explain=inverted,
    modalities=frozenset(Modality),
    signed=False,
    description="all relevance off the evidence; the reversed gradient where the evidence is not known",
    reference="adebayo2018sanity",
    control=True,
)
INPUT = SaliencyMethod(
    name="input",
    version=1,
    explain=input_itself,
    signed=True,
    description="the input in place of a map",
    reference="adebayo2018sanity",
    control=True,
)
EDGE_FILTER = SaliencyMethod(
    name="edge_filter",
    version=1,
    explain=edge_filter,
    signed=False,
    description="Sobel edges of the image",
    reference="sobel1968isotropic",
    modalities=frozenset({Modality.IMAGE}),
    control=True,
)
CONSTANT = SaliencyMethod(
    name="constant",
    version=1,
    explain=constant,
    modalities=frozenset(Modality),
    signed=False,
    description="the same relevance everywhere",
    reference="adebayo2018sanity",
    control=True,
)
