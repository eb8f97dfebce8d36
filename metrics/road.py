"""ROAD: accuracy without the most relevant pixels, imputed from their neighbors so that no retraining is due."""

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import normal
from .accuracy import defined_correctness
from .base import Case, Family, Metric, Need, Sign
from .forwards import check_eval_mode, outputs
from .ranking import relevance_ranks
from .removal_count import removal_count
from .retraining import ROAR_PERCENTS
from .units import relevance_maps

_ROWS = 256  # images a forward
NOISE = 0.01  # standard deviation, as a share of each image's own range
_NEIGHBORS = {(row, column): 1 / 6 if row * column == 0 else 1 / 12 for row in (-1, 0, 1) for column in (-1, 0, 1)}
del _NEIGHBORS[0, 0]


def impute(image: Tensor, removed: Tensor) -> Tensor:
    """Removed pixels as the weighted mean of their eight neighbors, all of them at once.

    Args:
        image: shape (C, H, W).
        removed: which pixels, bool, shape (H, W); at least one must stay.

    Returns:
        Shape (C, H, W), where every removed pixel is the mean of its neighbors, removed ones included, with
        weights 1/6 across an edge and 1/12 across a corner.

    Raises:
        ValueError: every pixel is removed.

    Source:
        rong2022consistent, section 4.2. Departure: at the border the weights of the neighbors that exist are scaled
        to sum 1.
    """
    if removed.all():
        raise ValueError("at least one pixel must stay to impute the others from")
    known = image.double().cpu().numpy().copy()  # never the caller's own memory
    gone = removed.cpu().numpy()
    count = int(gone.sum())
    place = np.full(gone.shape, -1)
    place[gone] = np.arange(count)
    rows, columns = np.nonzero(gone)
    totals, right = np.zeros(count), np.zeros((count, len(known)))
    entries: list[tuple[np.ndarray, np.ndarray, float]] = []
    for (down, across), weight in _NEIGHBORS.items():
        near = (rows + down, columns + across)
        inside = (near[0] >= 0) & (near[0] < gone.shape[0]) & (near[1] >= 0) & (near[1] < gone.shape[1])
        totals += weight * inside
        row, column, own = near[0][inside], near[1][inside], np.nonzero(inside)[0]
        missing = gone[row, column]
        entries.append((own[missing], place[row[missing], column[missing]], -weight))
        right[own[~missing]] += weight * known[:, row[~missing], column[~missing]].T
    values = np.concatenate([np.full(len(own), weight) for own, _, weight in entries] + [totals])
    first = np.concatenate([own for own, _, _ in entries] + [np.arange(count)])
    second = np.concatenate([other for _, other, _ in entries] + [np.arange(count)])
    system = coo_array((values, (first, second)), shape=(count, count)).tocsc()
    known[:, gone] = spsolve(system, right).reshape(count, -1).T
    return torch.from_numpy(known).to(image)


def imputed(samples: Samples, attributions: Tensor, *, percent: int, seed: int = 0) -> Tensor:
    """Images without their most relevant pixels, imputed with a little noise, shape (N, C, H, W).

    Args:
        samples: N images.
        attributions: larger in absolute value is more relevant, shape (N, C, H, W).
        percent: share of the pixels removed, rounded up.
        seed: of the noise and of the order among equally relevant pixels.
    """
    inputs = samples.inputs
    ranks = relevance_ranks(relevance_maps(attributions, Modality.IMAGE), samples.ids, seed=seed)
    removed = (ranks < removal_count(ranks.shape[1], percent)).view(-1, *inputs.shape[2:])
    filled = torch.stack([impute(image, gone) for image, gone in zip(inputs, removed, strict=True)])
    span = inputs.flatten(1).amax(dim=1) - inputs.flatten(1).amin(dim=1)
    noise = normal(samples.ids, inputs.shape[1:], seed=seed, purpose=f"road {percent}").to(inputs)
    return filled + NOISE * span.view(-1, 1, 1, 1) * noise * removed.unsqueeze(1)


def road_area(model: nn.Module, samples: Samples, attributions: Tensor, *, seed: int = 0) -> Tensor:
    """Area under one image's curve of correctness over 0, 10, 30, 50, 70, 90 % imputed, in percent × percent.

    Args:
        model: maps (N, C, H, W) to logits (N, K), in eval mode.
        samples: N images.
        attributions: larger in absolute value is more relevant, shape (N, C, H, W).
        seed: of the noise and of the order among equally relevant pixels.

    Returns:
        Shape (N,), in [0, 9000], on the scale of ROAR; lower is better. NaN where a logit is.

    Raises:
        ValueError: a model in training mode.

    Source:
        rong2022consistent, MoRF with noisy linear imputation, noise 0.01 of the image's range.
    """
    return _area(_correct(model, samples, attributions, seed))


def _area(correct: Tensor) -> Tensor:
    return torch.trapezoid(100 * correct, torch.tensor([0.0, *ROAR_PERCENTS]), dim=0)


def _correct(model: nn.Module, samples: Samples, attributions: Tensor, seed: int) -> Tensor:
    check_eval_mode(model)
    steps = [samples.inputs, *(imputed(samples, attributions, percent=p, seed=seed) for p in ROAR_PERCENTS)]
    logits = torch.stack([outputs(model, inputs, _ROWS) for inputs in steps])
    return defined_correctness(logits, samples.targets).cpu()


def _case_correct(case: Case) -> Tensor:
    given = (case.require_model(), case.samples, case.attributions)
    return case.once("road", lambda: _correct(*given, case.seed))


def _curve(case: Case) -> dict[str, list[float]]:
    accuracy = 100 * _case_correct(case).nanmean(dim=1)
    return {"percent": [0.0, *map(float, ROAR_PERCENTS)], "accuracy": accuracy.tolist()}


ROAD = Metric(
    name="road_area",
    version=1,
    score=lambda case: _area(_case_correct(case)),
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 9000.0),
    unit="percent²",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset({Modality.IMAGE}),
    sign=Sign.ABSOLUTE,
    description="area under the accuracy while the most relevant 0 to 90 % of the pixels are imputed from the others",
    reference="rong2022consistent",
    curve=_curve,
    ignores_removable=True,
)
