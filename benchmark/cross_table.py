"""Maps of one model evaluated on another: does a map say something about the data, or only about its own model?"""

from collections import defaultdict
from itertools import product
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from ..metrics.accuracy_drop import ACCURACY_DROP
from ..metrics.base import Case, Metric
from ..metrics.xcl import XCL_MORF
from ..results.store import Store
from .identity import digest, identify
from .inventory import Cell, inventory
from .plan_results import Results
from .planning import Plan
from .tasks import explained_samples, perturb, predict, restore

METRICS = (XCL_MORF, ACCURACY_DROP)
_CPU = torch.device("cpu")


def cross_table(results: Results, store: Store, data: Path, *, saliency: str) -> pd.DataFrame:
    """For each pair of training methods, the maps of the one on the model of the other.

    Pairs share data set, architecture and seed. What was computed is kept in the store.

    Args:
        results: of a suite.
        store: where its models and maps are.
        data: the folder that holds all data.
        saliency: the method whose maps are taken.

    Returns:
        The columns dataset, architecture, `maps_of`, `evaluated_on`, seeds, and the mean over seeds of each of METRICS.

    Raises:
        LookupError: the store has no maps of that method.
    """
    plan = results.plan
    cells = [cell for cell in inventory(plan, store) if cell.method.name == saliency and cell.attributions]
    if not cells:
        raise LookupError(f"the store has no maps of {saliency!r} for suite {plan.suite!r}")
    worlds: defaultdict[tuple[str, str, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        worlds[cell.model.dataset.name, cell.model.architecture.name, cell.model.seed].append(cell)
    rows = [
        {
            "dataset": dataset,
            "architecture": architecture,
            "maps_of": source.model.training,
            "evaluated_on": target.model.training,
            "seed": seed,
            **_values(source, target, plan, store, data),
        }
        for (dataset, architecture, seed), found in worlds.items()
        for source, target in product(found, found)
    ]
    places = ["dataset", "architecture", "maps_of", "evaluated_on"]
    groups = pd.DataFrame(rows).groupby(places, sort=False)
    means = groups[[metric.name for metric in METRICS]].mean()
    means.insert(0, "seeds", groups.size())
    return means.reset_index()


def _values(source: Cell, target: Cell, plan: Plan, store: Store, data: Path) -> dict[str, float]:
    """Each metric's mean over the samples for which it is defined."""
    assert source.attributions is not None
    dataset = target.model.dataset
    key = digest(
        [
            "cross",
            identify(dataset),
            plan.samples,
            target.model.seed,
            [identify(metric) for metric in METRICS],
            source.attributions,
            target.weights,
        ]
    )
    known = store.outcome(key)
    if known is None:
        maps = store.get(source.attributions)["attributions"]
        case = _case(target, maps, plan, store, data)
        known = {"task": "cross", "values": {metric.name: _mean(metric, case) for metric in METRICS}}
        store.commit(outcomes={key: known})
    return {name: float("nan") if value is None else value for name, value in known["values"].items()}


def _case(target: Cell, maps: Tensor, plan: Plan, store: Store, data: Path) -> Case:
    assert target.weights is not None
    model = target.model
    samples = explained_samples(model.dataset, plan.samples, data, _CPU)
    network = restore(model, store.get(target.weights), _CPU)
    clean = predict(network, samples.inputs)
    (protocol,) = ACCURACY_DROP.protocols
    curves = perturb(network, model, protocol, samples, maps, clean=clean)
    return Case(
        samples=samples,
        attributions=maps,
        modality=model.dataset.modality,
        seed=model.seed,
        model=network,
        curves={protocol: curves},
    )


def _mean(metric: Metric, case: Case) -> float | None:
    obstacle = metric.obstacle(case)
    if obstacle is not None:
        return None
    scores = metric.score(case)
    scores = scores[scores.isfinite()]
    return float(scores.double().mean()) if len(scores) else None
