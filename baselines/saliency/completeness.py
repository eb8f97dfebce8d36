"""Does a map add up: the check behind every method that promises to explain the whole difference to the fill."""

import torch
from torch import Tensor, nn

from ...datasets.base import Samples
from ..models import Output, evaluation, output_of

TOLERATED_GAP = 0.05  # a map that is off by more than this share is to be marked


def completeness_gap(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    output: Output = "log_odds",
    *,
    floor: float = 0.01,
    chunk: int = 256,
) -> Tensor:
    """How far the sum of each map is from f(input) - f(fill), relative to that difference.

    It finds, among others, a DeepLIFT map of a model whose activations are no modules, and integrated gradients with
    too few steps.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples, with the fill and the targets that the maps were made for.
        maps: signed attributions, shape (N, *F).
        output: f, the output that was explained.
        floor: added to the size of the difference, so that rounding does not count where input and fill score alike.
        chunk: samples scored at once.

    Returns:
        |sum of map - (f(input) - f(fill))| / (|f(input) - f(fill)| + floor), shape (N,); 0 is complete.

    Raises:
        ValueError: maps of another shape than the inputs.
    """
    if maps.shape != samples.inputs.shape:
        raise ValueError(f"maps {tuple(maps.shape)} and inputs {tuple(samples.inputs.shape)} must have one shape")
    differences = []
    with evaluation(model), torch.no_grad():
        for start in range(0, len(samples), chunk):
            part = samples[start : start + chunk]
            full, empty = (output_of(model(x), part.targets, output) for x in (part.inputs, part.fill))
            differences.append(full.double() - empty.double())
    difference = torch.cat(differences)
    total = maps.to(difference).flatten(1).sum(dim=1)
    return ((total - difference).abs() / (difference.abs() + floor)).float()
