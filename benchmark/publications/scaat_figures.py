"""The figures of SCAAT drawn from a suite's results: what each needs is read from the store."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ...baselines.training import SCAAT
from ...datasets.base import Samples, Split
from ...metrics.curves import Curves
from ...metrics.entropy import ENTROPY
from ...metrics.probability import probability_drop
from ...metrics.scaat_aopc import DRAWS, STEPS
from ...results.plots.costs import time_plot
from ...results.plots.scaat import Decay, Numbers, distribution_plot, picture_grid, proportion_plot
from ...results.store import Store
from ..costs import training_costs
from ..inventory import Cell, inventory
from ..keys import perturb_key, train_key
from ..passes import passes_by_model
from ..plan_results import Results
from ..planning import Plan
from ..tasks import explained_samples, load
from .scaat_claims import time_ratios

MAP = "gradient"  # the saliency method that the figures show
SHOWN = 6  # images a figure
EACH = 8  # images of one proportion
_CPU = torch.device("cpu")


def draw_distributions(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Figure 2: the entropy of each map, and how predictions decay; the first data set and architecture, all seeds.

    Raises:
        LookupError: no maps, curves or scores in the store.
    """
    cells = _cells_of_first(results, store)
    samples = explained_samples(cells[0].model.dataset, results.plan.samples, data, _CPU)
    scores: defaultdict[str, list[Numbers]] = defaultdict(list)
    drops: defaultdict[str, list[Tensor]] = defaultdict(list)
    for cell in cells:
        training = cell.model.training
        scores[training].append(_scores(cell, store))
        drops[training] += list(_drops(cell, results.plan, store, samples.targets))
    decays = {
        name: Decay([0, *STEPS], *torch.stack(found).mean(dim=0).double().numpy()) for name, found in drops.items()
    }
    entropies = {name: np.concatenate(found) for name, found in scores.items()}
    return distribution_plot(entropies, decays, path, label="entropy of the gradient's map (bits)")


def draw_maps(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Figure 3 (a): test images with the maps of each training method, of the first seed.

    Raises:
        LookupError: no maps in the store.
    """
    cells = _cells_of_first(results, store)
    first = [cell for cell in cells if cell.model.seed == cells[0].model.seed]
    samples = explained_samples(first[0].model.dataset, results.plan.samples, data, _CPU)
    maps = [_maps(cell, store) for cell in first]
    chosen = _one_a_class(samples.targets, SHOWN)
    rows = [[_picture(samples, place), *(found[place].abs().mean(0).numpy() for found in maps)] for place in chosen]
    return picture_grid(rows, ["image", *(cell.model.training for cell in first)], path)


def draw_proportions(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Figure 3 (b): where the proportions of adaptive SCAAT went, and training images by theirs; of the first seed.

    Raises:
        LookupError: no model of adaptive SCAAT in the store, or one that was trained before proportions were kept.
    """
    for model in results.plan.models:
        if not isinstance(model.recipe, SCAAT) or not model.recipe.proportion_step:
            continue
        outcome = store.outcome(train_key(model))
        if outcome is None or "memory" not in outcome["artifacts"]:
            break
        memory = store.get(outcome["artifacts"]["memory"])
        samples = load(model.dataset, Split.TRAIN, data, _CPU)
        places = torch.searchsorted(memory["ids"], samples.ids)
        q = memory["q"][places].double().numpy().round(6)
        chosen = _spread(np.unique(q))
        examples = {
            float(value): [_picture(samples, int(place)) for place in np.flatnonzero(q == value)[:EACH]]
            for value in chosen
        }
        return proportion_plot(q, examples, path, start=model.recipe.initial_proportion)
    raise LookupError("the store has no model of adaptive SCAAT with its proportions")


def draw_times(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Table 3, time: training over regular training, measured, by count of passes, and published; also as CSV.

    Raises:
        LookupError: no model in the store.
    """
    frame = times(results, store)
    if frame.empty:
        raise LookupError("the store has no trained model of this suite")
    table = path.with_suffix(".csv")
    frame.to_csv(table, index=False)
    return [*time_plot(frame, path), table]


def times(results: Results, store: Store) -> pd.DataFrame:
    """`training_costs` with the columns `passes` (what a step needs at least, over a regular step) and `published`."""
    frame, published, passes = training_costs(results.plan, store), time_ratios(), passes_by_model(results.plan)
    places = zip(frame["dataset"], frame["architecture"], frame["training"], strict=True)
    return frame.assign(
        passes=[passes.get(place, float("nan")) for place in places],
        published=[published.get(training, float("nan")) for training in frame["training"]],
    )


def _cells_of_first(results: Results, store: Store) -> list[Cell]:
    """The cells of the first data set and architecture that have maps of the method shown."""
    cells = [cell for cell in inventory(results.plan, store) if cell.method.name == MAP and cell.attributions]
    if not cells:
        raise LookupError(f"the store has no maps of {MAP!r} for this suite")
    dataset, architecture = cells[0].model.dataset.name, cells[0].model.architecture.name
    return [c for c in cells if c.model.dataset.name == dataset and c.model.architecture.name == architecture]


def _scores(cell: Cell, store: Store) -> Numbers:
    digest = next((record.scores for record in cell.records if record.metric == ENTROPY.name and record.scores), "")
    if not digest:
        raise LookupError(f"the store has no entropy of the maps of {cell.model.name}")
    return store.get(digest)[ENTROPY.name].double().numpy()


def _maps(cell: Cell, store: Store) -> Tensor:
    assert cell.attributions is not None
    return store.get(cell.attributions)["attributions"]


def _drops(cell: Cell, plan: Plan, store: Store, targets: Tensor) -> Iterator[Tensor]:
    """For each draw of the noise the mean drop, least and most relevant first, shape (2, 1 + steps)."""
    assert cell.weights is not None
    assert cell.attributions is not None
    for protocol in DRAWS:
        key = perturb_key(cell.model, protocol, plan.samples, weights=cell.weights, attributions=cell.attributions)
        outcome = store.outcome(key)
        if outcome is None:
            raise LookupError(f"the store has no perturbation curves of {cell.model.name}")
        curves = Curves(protocol=protocol, **store.get(outcome["artifacts"]["curves"]))
        rows = [[curves.at(percent, most_relevant_first=first) for percent in STEPS] for first in (False, True)]
        drops = [probability_drop(curves.clean, torch.stack(row), targets).mean(dim=1) for row in rows]
        yield torch.stack([torch.cat([drop.new_zeros(1), drop]) for drop in drops])


def _picture(samples: Samples, place: int) -> Numbers:
    """(H, W), or (H, W, 3) for color."""
    image = samples.inputs[place : place + 1][0].double().numpy()
    return np.asarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1))


def _one_a_class(targets: Tensor, count: int) -> list[int]:
    """The first sample of each class, and then the next ones, up to a count."""
    first = [int((targets == target).nonzero()[0]) for target in targets.unique()]
    rest = [place for place in range(len(targets)) if place not in first]
    return (first + rest)[:count]


def _spread(values: Numbers, count: int = 5) -> Numbers:
    """Values from the least to the greatest, evenly chosen by rank."""
    places = np.linspace(0, len(values) - 1, min(count, len(values))).round().astype(int)
    return np.asarray(values[places], dtype=np.float64)
