"""One measure under many definitions: values and ranks of methods, agreement of the rankings, and pairs that flip."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kendalltau

SMALLEST = 3  # methods; fewer have no ranking to speak of
PLACE = ["measure", "dataset", "architecture"]  # methods are ranked within
_METHOD = ["training", "saliency"]
_DIGITS = 10  # significant ones; what differs after them differs by rounding
_Array = NDArray[np.float64]


class _Group(NamedTuple):
    """All conventions of one measure in one place."""

    place: tuple[str, str, str]
    methods: list[tuple[str, str]]  # training and saliency, competitors only
    conventions: list[str]
    signed: _Array  # (methods, conventions, seeds), larger is better, NaN where there is none


def ranked_values(values: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds, and the rank of each method under each convention.

    Args:
        values: a row a value, with the columns measure, dataset, architecture, training, saliency, control, seed,
            convention, higher_is_better and value (NaN where undefined).

    Returns:
        A row for each of these but the seed, in the order of first appearance: `mean`, `seeds` (how many have a value)
        and `rank`, 1 for the best of all trainings and saliency methods on a data set and architecture; equal means
        share their mean rank. Controls have none.
    """
    keys = [*PLACE, *_METHOD, "control", "convention", "higher_is_better"]
    groups = values.groupby(keys, sort=False)["value"]
    table = groups.agg(mean="mean", seeds="count").reset_index()
    signed = rounded((table["mean"] * _signs(table["higher_is_better"])).to_numpy(dtype=np.float64))
    signed[table["control"].to_numpy(dtype=bool)] = np.nan
    ranked = table.assign(signed=signed).groupby([*PLACE, "convention"], sort=False)["signed"]
    return table.assign(rank=ranked.rank(ascending=False))


def convention_agreement(values: pd.DataFrame) -> pd.DataFrame:
    """How far each two conventions of a measure rank the methods alike.

    Args:
        values: as for `ranked_values`; controls are left out, since bad maps are easily told apart.

    Returns:
        The columns measure, `first`, `second`, `tau` (mean over data sets and architectures of Kendall's tau-b between
        the means over seeds), `lowest`, `highest` and `groups`. Pairs without three common methods have no row.

    Source:
        kendall1945treatment, for the correction of ties.
    """
    rows = []
    for group in _groups(values):
        means = _means(group.signed)
        for first, second in combinations(range(len(group.conventions)), 2):
            both = means[:, [first, second]]
            both = both[np.isfinite(both).all(axis=1)]
            if len(both) >= SMALLEST and (both.max(axis=0) > both.min(axis=0)).all():
                pair = group.conventions[first], group.conventions[second]
                rows.append((group.place[0], *pair, float(kendalltau(*both.T).statistic)))
    frame = pd.DataFrame(rows, columns=["measure", "first", "second", "tau"])
    summed: pd.DataFrame = frame.groupby(["measure", "first", "second"], sort=False)["tau"].agg(
        ["mean", "min", "max", "size"]
    )
    names = {"mean": "tau", "min": "lowest", "max": "highest", "size": "groups"}
    return summed.reset_index().rename(columns=names)


def contested_pairs(values: pd.DataFrame) -> pd.DataFrame:
    """Every two methods of which one is better by some conventions and the other by others.

    Compared are methods that differ in their training or in their saliency method, not in both: nobody claims more.

    Args:
        values: as for `ranked_values`.

    Returns:
        A row a pair, the most contested first within its place: measure, dataset, architecture, `first` and `second`
        (training/saliency, the one that more conventions prefer first), `favor`, `against`, `tied` and `conventions`
        (how many), `one_model` (is it one training, whose outputs have one scale), `steady` (is there a convention that
        prefers the first in every one of several seeds, and one that prefers the second in every one), and
        `by` and `otherwise` (the conventions that prefer the first, and the others).
    """
    rows = []
    for group in _groups(values):
        means, found = _means(group.signed), []
        for one, other in combinations(range(len(group.methods)), 2):
            same = [mine == theirs for mine, theirs in zip(group.methods[one], group.methods[other], strict=True)]
            signs = np.sign(means[one] - means[other])
            if any(same) and (signs > 0).any() and (signs < 0).any():
                first, second, signs = (
                    (one, other, signs) if signs[np.isfinite(signs)].sum() >= 0 else (other, one, -signs)
                )
                found.append((*group.place, *_contest(group, first, second, signs), same[0]))
        rows += sorted(found, key=lambda row: (-min(row[5], row[6]), row[3], row[4]))
    columns = [*PLACE, "first", "second", "favor", "against", "tied", "conventions"]
    return pd.DataFrame(rows, columns=[*columns, "steady", "by", "otherwise", "one_model"])


def compared_pairs(values: pd.DataFrame) -> pd.DataFrame:
    """How many pairs `contested_pairs` looks at: measure, dataset, architecture and `pairs`."""
    rows = []
    for group in _groups(values):
        shared = [
            any(mine == theirs for mine, theirs in zip(*pair, strict=True)) for pair in combinations(group.methods, 2)
        ]
        rows.append((*group.place, sum(shared)))
    return pd.DataFrame(rows, columns=[*PLACE, "pairs"])


def claim(row: "pd.Series[str]") -> str:
    """A contested pair in words.

    >>> claim(pd.Series({"first": "a/gradient", "second": "b/gradient", "favor": 6, "conventions": 9, "tied": 1}))
    'a/gradient over b/gradient: 6 of 9 conventions, 1 tied'
    """
    tied = f", {row['tied']} tied" if row["tied"] else ""
    return f"{row['first']} over {row['second']}: {row['favor']} of {row['conventions']} conventions{tied}"


def rounded(values: _Array) -> _Array:
    """Values to ten significant digits, so that the same number made in two ways is equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.floor(np.log10(np.abs(values)))
        scale = np.power(10.0, _DIGITS - 1 - places)
        scaled = np.rint(values * scale) / scale
    found: _Array = np.where(np.isfinite(scaled), scaled, values)
    return found


def _contest(
    group: _Group, first: int, second: int, signs: _Array
) -> tuple[str, str, int, int, int, int, bool, tuple[str, ...], tuple[str, ...]]:
    names = ["/".join(group.methods[place]) for place in (first, second)]
    seeds = np.sign(group.signed[first] - group.signed[second])  # (conventions, seeds)
    several = np.isfinite(seeds).sum(axis=1) > 1
    always, never = (((side * seeds > 0) | ~np.isfinite(seeds)).all(axis=1) & several for side in (1, -1))
    sides = [
        tuple(name for name, sign in zip(group.conventions, signs, strict=True) if sign == side) for side in (1, -1)
    ]
    tied = int((signs == 0).sum())
    favor, against = map(len, sides)
    steady = bool(always.any() and never.any())
    return names[0], names[1], favor, against, tied, favor + against + tied, steady, sides[0], sides[1]


def _groups(values: pd.DataFrame) -> Iterator[_Group]:
    competitors = values[~values["control"].astype(bool)]
    for place, found in competitors.groupby(PLACE, sort=False):
        signed = rounded((found["value"] * _signs(found["higher_is_better"])).to_numpy(dtype=np.float64))
        found = found.assign(signed=signed)
        methods = list(found[_METHOD].drop_duplicates().itertuples(index=False, name=None))
        conventions = found["convention"].drop_duplicates().tolist()
        seeds = found["seed"].drop_duplicates().tolist()
        array = np.full((len(methods), len(conventions), len(seeds)), np.nan)
        rows = zip(found["training"], found["saliency"], found["convention"], found["seed"], signed, strict=True)
        at = [{name: number for number, name in enumerate(names)} for names in (methods, conventions, seeds)]
        for training, saliency, convention, seed, value in rows:
            array[at[0][training, saliency], at[1][convention], at[2][seed]] = value
        measure, dataset, architecture = map(str, place)
        yield _Group((measure, dataset, architecture), methods, conventions, array)


def _means(values: _Array) -> _Array:
    """Over the seeds that have a value, shape (methods, conventions)."""
    defined = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return rounded(np.where(defined, values, 0.0).sum(axis=2) / defined.sum(axis=2))


def _signs(higher_is_better: "pd.Series[bool]") -> "pd.Series[int]":
    return higher_is_better.map({True: 1, False: -1}).astype(int)
