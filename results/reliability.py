"""Can a metric's ranking of methods be believed on a data set: does it know its controls, and agree with itself?"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..datasets.randomness import stream
from .record import Record, Status
from .scores import ReadScores
from .significant import significant

Array = NDArray[np.float64]
ORDER = ("oracle", "random", "inverted")  # controls, from what a metric must place first to last
ORDERED = frozenset({"faithfulness", "localization"})  # families that promise this order
SMALLEST = 3  # methods; fewer have no ranking to speak of
LOWEST_AGREEMENT = 0.5  # Kendall's tau: three of four pairs of methods in one order
SPLITS = 20
_MODEL = dict[str, Record]  # of one metric, by saliency method
KEYS = ["dataset", "architecture", "metric"]
Place = tuple[str, str, str]  # of these
RULE = (
    "Unreliable: the metric does not place the controls oracle > random > inverted (faithfulness and localization), or "
    "its ranking of the saliency methods agrees with itself, between halves of the samples or between seeds, by a "
    f"Kendall's tau below {LOWEST_AGREEMENT:g}."
)


def reliability(
    records: Iterable[Record], *, read_scores: ReadScores, lowest: float = LOWEST_AGREEMENT
) -> pd.DataFrame:
    """What speaks for and against each metric on each data set and architecture.

    Args:
        records: of any entries, metrics and seeds; metrics of performance have no row.
        read_scores: from a record to its scores of single samples, see `kept_scores`.
        lowest: Kendall's tau below which a ranking does not agree with itself.

    Returns:
        The columns dataset, architecture and metric, and

        - `controls`: the order asked for, such as "oracle > random > inverted"; "" where the family promises none, or
          fewer than two of these controls were measured. Means over the models that have them all are compared.
        - `placed`: the share of models in which this order holds; NaN without one
        - `halves`: Kendall's tau-b between the rankings of the competitors by two random halves of the samples, the
          mean over 20 splits of every model; NaN without scores of samples or with fewer than three methods
        - `seeds`: tau-b between the rankings of two seeds, the mean over all pairs of seeds and over training methods
        - `reliable`, `reason`: whether nothing speaks against it, and what does; what is NaN does not

    Source:
        tomsett2020sanity, for the agreement of a metric with itself; halves, thresholds and the order are ours.
    """
    found: defaultdict[tuple[str, str, str], dict[tuple[str, int], _MODEL]] = defaultdict(dict)
    for record in records:
        if record.status is Status.OK and record.value is not None and record.family != "performance":
            models = found[record.dataset, record.architecture, record.metric]
            models.setdefault((record.training, record.seed), {})[record.saliency] = record
    rows = []
    for place, models in found.items():
        controls, placed, misplaced = _controls(list(models.values()))
        halves, seeds = _between_halves(models, read_scores), _between_seeds(models)
        reasons = [misplaced] if misplaced else []
        for what, tau in (("halves of the samples", halves), ("seeds", seeds)):
            if tau < lowest:
                reasons.append(f"its ranking agrees between {what} only by tau {tau:.2f}")
        measured = {"controls": controls, "placed": placed, "halves": halves, "seeds": seeds}
        judged = {"reliable": not reasons, "reason": "; ".join(reasons)}
        rows.append(dict(zip(KEYS, place, strict=True)) | measured | judged)
    return pd.DataFrame(rows, columns=[*KEYS, "controls", "placed", "halves", "seeds", "reliable", "reason"])


def unreliable(reliability: pd.DataFrame) -> frozenset[Place]:
    """Where a metric is marked: data sets, architectures and metrics."""
    marked = reliability.loc[~reliability["reliable"].astype(bool), KEYS]
    return frozenset(marked.itertuples(index=False, name=None))


def place_of(record: Record) -> Place:
    """Where a record would be marked."""
    return record.dataset, record.architecture, record.metric


def without_unreliable(cells: pd.DataFrame, reliability: pd.DataFrame) -> pd.DataFrame:
    """The cells of a leaderboard whose metric is not marked as unreliable on their data set and architecture."""
    marked = reliability.loc[~reliability["reliable"].astype(bool), KEYS]
    places, unreliable = (pd.MultiIndex.from_frame(frame[KEYS].astype(str)) for frame in (cells, marked))
    return cells[~places.isin(unreliable)]


def _controls(models: list[_MODEL]) -> tuple[str, float, str]:
    """The order asked for, the share of models in which it holds, and what is wrong with it on the mean."""
    first = next(iter(models[0].values()))
    there = [name for name in ORDER if any(name in model for model in models)]
    if first.family not in ORDERED or len(there) < 2:
        return "", float("nan"), ""
    values = np.array([[_value(model[name]) for name in there] for model in models if set(there) <= set(model)])
    if not len(values):
        return "", float("nan"), ""
    signed = values if first.higher_is_better else -values  # only to compare
    holds = (signed[:, :-1] > signed[:, 1:]).all(axis=1)
    means = signed.mean(axis=0)
    wrong = [
        f"{better} is not placed above {worse}"
        for (better, above), (worse, below) in zip(
            list(zip(there, means, strict=True))[:-1], list(zip(there, means, strict=True))[1:], strict=True
        )
        if not above > below
    ]
    return " > ".join(there), float(holds.mean()), ", ".join(wrong)


def _between_halves(models: dict[tuple[str, int], _MODEL], read_scores: ReadScores) -> float:
    taus = []
    for (_, seed), model in models.items():
        competitors = [record for record in model.values() if not record.control]
        scores = [read_scores(record) for record in competitors] if len(competitors) >= SMALLEST else [None]
        known = [item for item in scores if item is not None]
        if len(known) < len(scores) or len({item.shape for item in known}) > 1 or len(known[0]) < 2:
            continue
        taus.append(split_half(np.stack(known), seed=seed))
    return _mean(taus)


def split_half(scores: Array, *, seed: int, splits: int = SPLITS) -> float:
    """Mean Kendall's tau-b between the rankings of methods by the means of two random halves of the samples.

    Args:
        scores: shape (methods, N), NaN where undefined.
        seed: of the halves.
        splits: how often the samples are halved.

    Returns:
        In [-1, 1]; NaN where all methods tie in one half of every split, or a half has no defined sample.
    """
    orders = _orders(seed, scores.shape[1], splits)
    middle = scores.shape[1] // 2
    first, second = _means(scores, orders[:, :middle]), _means(scores, orders[:, middle:])
    return _mean(rank_agreements(first, second).tolist())


def rank_agreements(first: Array, second: Array) -> Array:
    """Kendall's tau-b between pairs of rankings.

    Args:
        first: shape (pairs, methods).
        second: likewise.

    Returns:
        Shape (pairs,), in [-1, 1]; NaN where a value is undefined, or all are equal.

    Source:
        kendall1945treatment.
    """
    one, other = np.triu_indices(first.shape[1], k=1)
    first, second = significant(first), significant(second)
    signs = [np.sign(values[:, one] - values[:, other]) for values in (first, second)]
    tied = np.sqrt(np.square(signs[0]).sum(axis=1) * np.square(signs[1]).sum(axis=1))
    with np.errstate(invalid="ignore"):
        taus: Array = (signs[0] * signs[1]).sum(axis=1) / tied
    return taus


@lru_cache(maxsize=32)
def _orders(seed: int, samples: int, splits: int) -> NDArray[np.int64]:
    """The same for all metrics and methods."""
    generator = stream("halves of the samples", seed, samples)
    return np.stack([generator.permutation(samples) for _ in range(splits)])


def _between_seeds(models: dict[tuple[str, int], _MODEL]) -> float:
    """Within each training method, over all pairs of its seeds."""
    trainings: defaultdict[str, list[_MODEL]] = defaultdict(list)
    for (training, _), model in models.items():
        trainings[training].append({name: record for name, record in model.items() if not record.control})
    taus = []
    for group in trainings.values():
        of_pairs = []
        for one, other in combinations(group, 2):
            shared = [name for name in one if name in other]
            if len(shared) >= SMALLEST:
                ranked = [np.array([[_value(model[name]) for name in shared]]) for model in (one, other)]
                of_pairs.append(float(rank_agreements(*ranked)[0]))
        taus.append(_mean(of_pairs))
    return _mean(taus)


def _means(scores: Array, places: NDArray[np.int64]) -> Array:
    """Of the samples at these places, shape (splits, methods)."""
    means = np.empty((len(places), len(scores)))
    for place, row in enumerate(scores):
        chosen = row[places]  # (splits, n)
        defined = np.isfinite(chosen)
        with np.errstate(invalid="ignore"):
            means[:, place] = np.where(defined, chosen, 0.0).sum(axis=1) / defined.sum(axis=1)
    return means


def _mean(values: list[float]) -> float:
    """Of those that are defined; NaN where none is."""
    defined = [value for value in values if np.isfinite(value)]
    return float(np.mean(defined)) if defined else float("nan")


def _value(record: Record) -> float:
    value: Any = record.value
    return float(value)
