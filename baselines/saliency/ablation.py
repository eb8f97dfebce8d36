"""Feature ablation and occlusion: how far the output falls when a part of the input is replaced, through captum."""

import torch
from captum.attr import FeatureAblation, Occlusion
from torch import Tensor, nn

from ...datasets.base import Modality, Samples
from ..models import Output
from .base import SaliencyMethod
from .explained import Explained
from .segments import Segments, block_shape, blocks

ROWS = 512  # perturbed inputs in one forward pass, or one of each sample where there are more samples


def feature_ablation(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    segments: Segments = blocks,
) -> Tensor:
    """The fall of the output when one segment is replaced by the fill, shared out over its features, shape (N, *F).

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples of any kind, texts of word ids among them.
        seed: not used.
        output: what is explained.
        segments: what is replaced together.

    Source:
        kokhlikyan2020captum, feature ablation; segments instead of single features where the input is an image or a
        series.
    """
    numbers = segments(tuple(samples.inputs.shape[1:])).to(samples.inputs.device)
    with torch.no_grad():
        falls: Tensor = FeatureAblation(Explained(model, output)).attribute(
            samples.inputs,
            baselines=samples.fill.contiguous(),
            additional_forward_args=(samples.targets,),
            feature_mask=numbers[None],
            perturbations_per_eval=max(1, ROWS // len(samples)),
        )
    return falls / numbers.flatten().bincount()[numbers]


def occlusion(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The mean fall of the output over all windows on a feature that are replaced by the fill, shape (N, *F).

    Windows are two blocks long and move by one block along each axis, so that neighbors overlap by half.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N images or series.
        seed: not used.
        output: what is explained.

    Source:
        zeiler2014visualizing, section 4.2; the fill instead of gray, all channels of an image together.
    """
    shape = tuple(samples.inputs.shape[1:])
    strides = block_shape(shape)
    window = tuple(min(2 * stride, size) for stride, size in zip(strides, shape, strict=True))
    with torch.no_grad():
        falls: Tensor = Occlusion(Explained(model, output)).attribute(
            samples.inputs,
            sliding_window_shapes=window,
            strides=strides,
            baselines=samples.fill.contiguous(),
            additional_forward_args=(samples.targets,),
            perturbations_per_eval=max(1, ROWS // len(samples)),
        )
    return falls


FEATURE_ABLATION = SaliencyMethod(
    name="feature_ablation",
    version=1,
    explain=feature_ablation,
    signed=True,
    description="fall of the log-odds when one block is replaced by the fill",
    reference="kokhlikyan2020captum",
    modalities=frozenset(Modality),
)
OCCLUSION = SaliencyMethod(
    name="occlusion",
    version=1,
    explain=occlusion,
    signed=True,
    description="mean fall of the log-odds over overlapping windows replaced by the fill",
    reference="zeiler2014visualizing",
    modalities=frozenset({Modality.IMAGE, Modality.SERIES}),
)
