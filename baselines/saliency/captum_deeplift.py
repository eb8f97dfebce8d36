"""DeepLIFT as captum computes it, for comparisons with what was published through captum."""

import warnings

import torch
from captum.attr import DeepLift
from torch import Tensor, nn

from ...datasets.base import Samples
from ..models import Output, output_of
from .shapley import References


class _Explained(nn.Module):
    """The output that is explained, one number a row; captum hooks only into modules."""

    def __init__(self, model: nn.Module, output: Output) -> None:
        super().__init__()
        self.model, self.output = model, output

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return output_of(self.model(inputs), targets, self.output)


def captum_deeplift(model: nn.Module, samples: Samples, seed: int, *, output: Output) -> Tensor:
    """The DeepLift of captum from the samples' fill, shape (N, *F).

    Where a pooling or an activation follows an activation at once, as in the TCN, its parts do not sum to the
    difference between the outputs; `deeplift` is the method to trust.

    Args:
        model: maps (N, *F) to logits (N, K), one sample independent of the other; no module is called twice.
        samples: N samples; the reference inputs are their fill.
        seed: not used.
        output: what is explained.

    Source:
        captum 0.9, DeepLift.
    """
    return _attributed(model, samples.inputs, samples.fill, samples.targets, output)


def captum_deep_shap(
    model: nn.Module, samples: Samples, seed: int, *, output: Output, references: References, count: int
) -> Tensor:
    """The mean of captum's DeepLift over several references, which is its DeepLiftShap, shape (N, *F).

    Args:
        model: as for `captum_deeplift`.
        samples: N samples.
        seed: of the references.
        output: what is explained.
        references: gives `count` of them for each sample, shape (N, count, *F), from the samples, count and seed.
        count: of references a sample.

    Source:
        captum 0.9, DeepLiftShap. Departure: each sample has its own references.
    """
    total = torch.zeros_like(samples.inputs)
    for reference in references(samples, count, seed).unbind(dim=1):
        total += _attributed(model, samples.inputs, reference, samples.targets, output)
    return total / count


def _attributed(model: nn.Module, inputs: Tensor, references: Tensor, targets: Tensor, output: Output) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks", category=UserWarning)
        explained = DeepLift(_Explained(model, output))
        maps: Tensor = explained.attribute(
            inputs.detach().requires_grad_(), references, additional_forward_args=(targets,)
        )
    return maps.detach()
