"""Guided backpropagation, through captum."""

import warnings

from captum.attr import GuidedBackprop
from torch import Tensor, nn

from ...datasets.base import Samples
from ..models import Output
from .base import SaliencyMethod
from .explained import Explained


def guided_backprop(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The gradient, where every ReLU lets only positive values pass on the way back, shape (N, *F).

    A model without ReLU modules gets its plain gradient.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: not used.
        output: what is explained.

    Source:
        springenberg2015striving, section 3.4; of the log-odds.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
        maps: Tensor = GuidedBackprop(Explained(model, output)).attribute(
            samples.inputs.detach().requires_grad_(), additional_forward_args=(samples.targets,)
        )
    return maps


GUIDED_BACKPROP = SaliencyMethod(
    name="guided_backprop",
    version=1,
    explain=guided_backprop,
    signed=True,
    description="gradient of which each ReLU passes on the positive part alone",
    reference="springenberg2015striving",
)
