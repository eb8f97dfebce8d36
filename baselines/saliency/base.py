"""What a saliency method is, and how one is applied to many samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ...datasets.base import Modality, Samples
from ...metrics.memory import out_of_memory
from ..models import evaluation

NUMERIC = frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR})  # all but text, whose tokens have no gradient


@dataclass(frozen=True, slots=True, kw_only=True)
class SaliencyMethod:
    """A function that says how much each feature of an input matters for one class.

    `explain(model, samples, seed)` returns attributions of shape (N, *F), larger for features that speak more for
    `samples.targets`. It may read everything the samples carry: a method takes `fill` as its reference input, a
    control the ground truth. Noise is drawn per sample from (seed, id) by `salbench.datasets.randomness`, so that a
    map does not depend on the other samples of its batch.
    """

    name: str
    version: int  # raised whenever the same model and samples would give another map
    explain: Callable[[nn.Module, Samples, int], Tensor]
    signed: bool  # do negative values speak against the class
    description: str
    reference: str  # key in references.bib
    modalities: frozenset[Modality] = NUMERIC
    needs_evidence: bool = False  # does it read the ground truth
    needs_convolution: bool = False  # does it fail on a model without a two-dimensional convolution
    complete: bool = False  # does a map promise to sum to f(input) - f(fill); `completeness_gap` says how well it does
    control: bool = False  # is it there to test the metrics rather than to compete


def attribute(
    method: SaliencyMethod,
    model: nn.Module,
    samples: Samples,
    *,
    seed: int,
    chunk: int = 64,
    on_samples: Callable[[int], object] = lambda done: None,
) -> Tensor:
    """The method's maps for all samples, checked.

    Args:
        method: the saliency method.
        model: maps (N, *F) to logits (N, K).
        samples: N samples on the model's device; their targets are the classes explained.
        seed: of the method's noise.
        chunk: samples explained at once; bounds memory, changes nothing else. Halved whenever memory runs out.
        on_samples: called after each chunk with the number of samples that are explained by then.

    Returns:
        Attributions, shape (N, *F), detached, as the method gave them.

    Raises:
        TypeError: the method returned something else than a tensor.
        ValueError: maps of the wrong shape, or with NaN or infinite values, or a method that changes the weights.
        torch.OutOfMemoryError, MemoryError: a single sample does not fit.
    """
    maps = []
    state = [*model.parameters(), *model.buffers()]
    before = _versions(state)
    with evaluation(model):
        start = 0
        while start < len(samples):
            part = _own(samples[start : start + chunk])
            try:
                attributions = method.explain(model, part, seed)
            except (RuntimeError, MemoryError) as error:
                if chunk == 1 or not out_of_memory(error):
                    raise
                chunk = min(chunk, len(part)) // 2 or 1
                continue
            start += len(part)
            if not isinstance(attributions, Tensor):
                raise TypeError(f"saliency method {method.name!r} returned {type(attributions).__name__}, not a tensor")
            if attributions.shape != part.inputs.shape:
                raise ValueError(
                    f"saliency method {method.name!r} returned shape {tuple(attributions.shape)} "
                    f"for inputs of shape {tuple(part.inputs.shape)}"
                )
            if _versions(state) != before:
                raise ValueError(
                    f"saliency method {method.name!r} changes the model in place, which other methods explain after "
                    "it; work on copy.deepcopy(model)"
                )
            maps.append(attributions.detach())
            on_samples(start)
    joined = torch.cat(maps)
    broken = int((~joined.isfinite().flatten(1).all(dim=1)).sum())
    if broken:
        raise ValueError(
            f"saliency method {method.name!r} returned NaN or infinite values for {broken} of {len(samples)} samples"
        )
    return joined


def _own(samples: Samples) -> Samples:
    """The samples with tensors of their own, as a method may write to them and others look at the same ones."""
    inputs, fill, targets = samples.inputs.clone(), samples.fill.clone(), samples.targets.clone()
    return replace(samples, inputs=inputs, fill=fill, targets=targets)


def _versions(tensors: Sequence[Tensor]) -> list[int]:
    """How often each tensor was written to."""
    return [tensor._version for tensor in tensors if not tensor.is_inference()]
