"""Grad-CAM, through captum."""

from typing import Literal

from captum.attr import LayerGradCam
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ...datasets.base import Modality, Samples
from ..models import Output
from .base import SaliencyMethod
from .explained import Explained


def grad_cam(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    convolution: Literal["first", "last"] = "last",
) -> Tensor:
    """The positive part of a convolution's channels summed by their mean gradients, shape (N, C, H, W).

    It is brought to the size of the image by bilinear interpolation, and is the same for all channels. A map is zero
    where all of the sum is negative.

    Args:
        model: maps (N, C, H, W) to logits (N, K).
        samples: N images.
        seed: not used.
        output: what is explained.
        convolution: whose output, in the order of `model.modules()`.

    Raises:
        ValueError: a model without a two-dimensional convolution.

    Source:
        selvaraju2017gradcam, equations 1 and 2; of the log-odds, and of the convolution before its activation.
    """
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    if not convolutions:
        raise ValueError(f"grad_cam needs a model with a two-dimensional convolution, got {type(model).__name__}")
    layer = convolutions[0 if convolution == "first" else -1]
    maps: Tensor = LayerGradCam(Explained(model, output), layer).attribute(
        samples.inputs.detach().requires_grad_(), additional_forward_args=(samples.targets,), relu_attributions=True
    )
    resized = interpolate(maps, size=tuple(samples.inputs.shape[2:]), mode="bilinear", align_corners=False)
    return resized.expand_as(samples.inputs).contiguous()


GRAD_CAM = SaliencyMethod(
    name="grad_cam",
    version=1,
    explain=grad_cam,
    signed=False,
    description="last convolution's channels weighted by their mean gradients, positive part",
    reference="selvaraju2017gradcam",
    modalities=frozenset({Modality.IMAGE}),
    needs_convolution=True,
)
