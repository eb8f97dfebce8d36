"""Max-sensitivity and local Lipschitz estimate: how far a map moves when its input hardly does."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .base import Case, Family, Metric, Need, Sign

RADIUS = 0.02  # r, share of the sample's own range
DRAWS = 10  # S
_NUMERIC = frozenset(Modality) - {Modality.TEXT}  # a token has no neighborhood


def noisy_inputs(samples: Samples, draw: int, *, radius: float = RADIUS, seed: int = 0) -> Tensor:
    """The inputs moved to a random point of the cube around each, shape (N, *F).

    Args:
        samples: N samples.
        draw: number of the repetition; each is independent of the others.
        radius: half the side of the cube over the sample's range, max - min; positive.
        seed: of the noise, which is drawn per sample id.
    """
    inputs = samples.inputs
    flat = inputs.flatten(1)
    reach = radius * (flat.amax(dim=1) - flat.amin(dim=1))
    noise = uniform(samples.ids, inputs.shape[1:], seed=seed, purpose=f"input noise {draw}").to(inputs)
    return inputs + reach.view(-1, *[1] * (inputs.ndim - 1)) * (2 * noise - 1)


def map_changes(
    model: nn.Module,
    samples: Samples,
    explain: Callable[[nn.Module, Samples], Tensor],
    *,
    radius: float = RADIUS,
    draws: int = DRAWS,
    seed: int = 0,
) -> Tensor:
    """How each map moves over random perturbations of its input, which both metrics of this file are made from.

    Costs 1 + S maps a sample. The clean map is computed here as well and not taken from an earlier run, so that the
    rounding of a stored map, or its scale, is not mistaken for a change.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        explain: gives the maps (N, *F) of a model and samples.
        radius: as for `noisy_inputs`.
        draws: perturbations of each input, S.
        seed: of the perturbations.

    Returns:
        Shape (2, N, S), double, non-negative. First the relative change |Φ(x + d) - Φ(x)| / |Φ(x)|; second, with u a
        map over its own length, the slope |u(x + d) - u(x)| / |d|. Lengths are Euclidean, over all features with
        their sign. A noisy map of zeros has no direction, and counts as u = 0. NaN for a clean map of zeros, and for
        an input without range, which cannot be perturbed.

    Raises:
        ValueError: radius not positive, or draws below 1.
    """
    if radius <= 0 or draws < 1:
        raise ValueError(f"radius must be positive and draws at least 1, got {radius} and {draws}")
    clean = explain(model, samples).flatten(1).double()
    length = clean.norm(dim=1)
    changes = []
    for draw in range(draws):
        inputs = noisy_inputs(samples, draw, radius=radius, seed=seed)
        noisy = explain(model, replace(samples, inputs=inputs)).flatten(1).double()
        distance = (inputs - samples.inputs).flatten(1).double().norm(dim=1)
        change = (noisy - clean).norm(dim=1) / length
        turned = nn.functional.normalize(noisy, dim=1, eps=1e-300) - clean / length[:, None]
        changes.append(torch.stack([change, turned.norm(dim=1) / distance]).masked_fill(distance == 0, torch.nan))
    return torch.stack(changes, dim=-1).masked_fill(length[:, None] == 0, torch.nan)


def max_sensitivity(changes: Tensor) -> Tensor:
    """The largest relative change of the map.

    Args:
        changes: shape (2, N, S), from `map_changes`.

    Returns:
        Shape (N,), non-negative; lower is better. Not changed by the scale of the maps. A map that does not depend on
        the input has 0, the best value: read it beside a measure of faithfulness.

    Source:
        yeh2019fidelity, SENS_MAX, estimated by S = 10 uniform draws, without the search for the worst point.
        Departures: the change is taken relative to |Φ(x)|, as captum does, so that models compare; the radius is
        relative to the sample's range; a map of zeros is NaN (captum: divided by 1).
    """
    return changes[0].amax(dim=1)


def local_lipschitz(changes: Tensor) -> Tensor:
    """The steepest slope of the map's direction, per unit of input distance.

    Args:
        changes: shape (2, N, S), from `map_changes`.

    Returns:
        Shape (N,), non-negative; lower is better. Not changed by the scale of the maps; halved when the inputs are
        doubled, so values compare within one data set only.

    Source:
        alvarezmelis2018robustness, the local Lipschitz estimate for continuous inputs, made by the draws of
        `max_sensitivity` and without a search. Departure: maps are divided by their Euclidean length, without which a
        model with smaller gradients looks more robust; by the sum of their magnitudes instead, diffuse maps would.
    """
    return changes[1].amax(dim=1)


def _declare(score: Callable[[Tensor], Tensor], unit: str, description: str, reference: str) -> Metric:
    def scored(case: Case) -> Tensor:
        model, explain = case.require_model(), case.require_explain()
        return score(case.once(map_changes, lambda: map_changes(model, case.samples, explain, seed=case.seed)))

    return Metric(
        name=score.__name__,
        version=1,
        score=scored,
        higher_is_better=False,
        across_models=True,
        bounds=(0.0, float("inf")),
        unit=unit,
        family=Family.ROBUSTNESS,
        needs=frozenset({Need.MODEL, Need.EXPLAIN}),
        modalities=_NUMERIC,
        sign=Sign.SIGNED,
        description=description,
        reference=reference,
    )


MAX_SENSITIVITY = _declare(
    max_sensitivity,
    "share of the map's length",
    "largest relative change of the map over ten perturbations of the input by up to 2 % of its range",
    "yeh2019fidelity",
)
LOCAL_LIPSCHITZ = _declare(
    local_lipschitz,
    "1 / input",
    "steepest change of the map's direction per distance of the input, over the same perturbations",
    "alvarezmelis2018robustness",
)
