"""The perturbation engine: every perturbed input is run once, and all metrics of the family read its logits."""

from dataclasses import dataclass

from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .forwards import check_eval_mode, outputs, outputs_in_chunks
from .perturbed_rows import PerturbedRows
from .protocol import SHARED, Protocol
from .units import check_finite


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Logits of N samples, whole and with a share of their units replaced."""

    protocol: Protocol = SHARED
    clean: Tensor  # (N, K)
    most: Tensor  # (len(protocol.most), N, K), the most relevant units removed
    least: Tensor  # (len(protocol.least), N, K), the least relevant units removed

    def __post_init__(self) -> None:
        for name, grid in (("most", self.protocol.most), ("least", self.protocol.least)):
            found, expected = getattr(self, name).shape, (len(grid), *self.clean.shape)
            if found != expected:
                raise ValueError(f"{name} must have shape {expected}, got {tuple(found)}")

    def at(self, percent: int, *, most_relevant_first: bool) -> Tensor:
        """Logits (N, K) with `percent` % of the units removed; 0 gives the clean ones.

        To keep only the top p % is to remove the least relevant 100 - p %.

        Raises:
            ValueError: a percent that is not on the grid.
        """
        protocol = self.protocol
        grid, logits = (protocol.most, self.most) if most_relevant_first else (protocol.least, self.least)
        if percent == 0:
            return self.clean
        if percent not in grid:
            direction = "most" if most_relevant_first else "least"
            raise ValueError(f"percent must be 0 or one of {grid} ({direction} relevant first), got {percent}")
        return logits[grid.index(percent)]


def perturbation_curves(
    model: nn.Module,
    samples: Samples,
    attributions: Tensor,
    modality: Modality,
    *,
    protocol: Protocol = SHARED,
    clean: Tensor | None = None,
    seed: int = 0,
    pairs: int | None = None,
) -> Curves:
    """The logits behind accuracy drop, AOPC, comprehensiveness and sufficiency, each forward made once.

    Units are ranked once, by `relevance_maps`, and removed in one shot; least relevant first is the
    exact reverse of most relevant first and removes the same number at a percent (unless the protocol rounds up what is
    kept). Where the samples say which features are removable, shares are of each sample's own removable units, and the
    others stay. Costs one forward a sample and grid point, and one more a sample if `clean` is not given.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode, on the device of the samples.
        samples: N samples.
        attributions: larger in absolute value is more relevant, shape (N, *F).
        modality: decides what one unit is.
        protocol: what is removed and what takes its place.
        clean: logits of the whole inputs, shape (N, K), if known.
        seed: of the order among equally relevant units, and of a random fill.
        pairs: most rows a forward; by default about 4096, or about 128 on a CPU, whose caches hold no more. Of whole
            samples where possible; halved whenever the device runs out of memory. Changes nothing but the rounding in
            the model's own kernels.

    Raises:
        ValueError: a model in training mode, no samples, pairs below 1, attributions that are not finite, or shapes
            that differ.
        torch.OutOfMemoryError: a single row does not fit.

    Source:
        samek2017evaluating, section III, and deyoung2020eraser, equations 1 and 2; one-shot removal of whole units.
    """
    check_eval_mode(model)
    steps, split = protocol.steps, len(protocol.most)
    if pairs is None:
        pairs = max(1, round((128 if samples.inputs.device.type == "cpu" else 4096) / steps)) * steps
    if pairs < 1 or not len(samples):
        raise ValueError(f"pairs and the number of samples must be at least 1, got {pairs} and {len(samples)}")
    if attributions.shape != samples.inputs.shape:
        shapes = f"{tuple(attributions.shape)} and inputs {tuple(samples.inputs.shape)}"
        raise ValueError(f"attributions {shapes} must have one shape")
    check_finite(attributions)
    pairs = max(pairs - pairs % steps, min(pairs, steps))  # whole samples where one fits
    perturbed = PerturbedRows(samples, attributions, modality, protocol, seed=seed)
    if clean is None:
        clean = outputs(model, samples.inputs, pairs)
    logits = outputs_in_chunks(model, perturbed, len(perturbed), pairs)
    logits = logits.unflatten(0, (len(samples), steps)).transpose(0, 1).contiguous()
    return Curves(protocol=protocol, clean=clean, most=logits[:split], least=logits[split:])
