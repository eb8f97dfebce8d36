"""Published numbers beside our own: what agrees and what differs."""

from collections.abc import Hashable
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from .record import Status

KEY = ["dataset", "architecture", "training", "saliency", "metric"]  # an empty text is a mean over all there are
PUBLISHED_RUNS = 5  # behind each published mean, where nothing else is said
CONFIDENCE = 0.95
_EQUAL = 1e-9  # numbers nearer than this are one
_MODEL = ["dataset", "architecture", "training", "seed"]  # what tells models apart
NOT_SHOWN = ["by_seed", "by_model"]  # columns of a comparison that hold dictionaries


def read_published(name: str) -> pd.DataFrame:
    """A table of a publication as it lies in `results/papers`.

    Raises:
        FileNotFoundError: there is no table of that name.
    """
    path = files(__package__).joinpath("papers", f"{name}.csv")
    with path.open(encoding="utf-8") as lines:
        return pd.read_csv(lines)


def compare(
    records: pd.DataFrame, claims: pd.DataFrame, *, obstacle: str = "", planned: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Each published number beside ours.

    Ours is the mean over seeds of the mean over whatever a claim leaves open, such as the data sets. Numbers agree if
    the published one lies in the 95 % prediction interval of a mean of as many further runs, by Student's t with the
    spread of our own runs, or within its rounding of that interval. One run has no spread, nor have equal ones, so
    that the verdict is left open. Where a claim is about models that
    reach some accuracy, our models that do not are left out of the mean, and the row and its verdict say how many.

    Args:
        records: what `frame.to_frame` makes of our records.
        claims: the columns of KEY and `value`, `reason` where one cannot be compared, and `min_accuracy` (a fraction)
            where it holds for models of this accuracy; a model without a record of its accuracy does not reach it;
            and `runs` where another number of runs than five lies behind each; and `rounding`, half of the last digit
            that was printed or how far a value that was read off a plot may be off.
        obstacle: why none of them can be compared, e.g. because of the scale.
        planned: a row for each model of the suite, with the columns dataset, architecture, training and seed; others
            are then left out, and a mean over several of them takes only the seeds of which all are measured, if only
            to find that their value is undefined. None takes what is there.

    Returns:
        The columns of KEY, `published`, `measured`, `sd`, `seeds` (how many), `by_seed` (the value of each),
        `by_model` (the mean of each (seed, data set, architecture) of those), `difference`, `models` (all there are),
        `below` (those left out for their accuracy) and `verdict`: agrees, differs, open (one seed, or seeds without a
        spread), not measured, incomplete (of no seed all models are measured), or cannot be compared with the reason;
        after a colon, how many models were left out.
    """
    measured = records[records["status"] == Status.OK.value].copy()
    measured["dataset"] = measured["dataset"].astype(str).str.split("@").str[0]
    for column in KEY:
        measured[column] = measured[column].astype(str)
    if planned is not None:
        measured = measured.merge(planned.drop_duplicates(), on=_MODEL)
    defined = measured[np.isfinite(measured["value"])]
    accuracies = defined[defined["metric"] == "accuracy"].drop_duplicates(_MODEL).set_index(_MODEL)["value"]
    rows = []
    for claim in claims.to_dict("records"):
        wanted = [column for column in KEY if claim[column]]
        same, found = (
            frame[np.logical_and.reduce([frame[column] == claim[column] for column in wanted])]
            for frame in (defined, measured)
        )
        found = found.drop_duplicates(_MODEL)
        if planned is not None:
            same = same[same["seed"].isin(_complete_seeds(found, planned, claim))]
        accurate = _accurate(same, accuracies, claim.get("min_accuracy"))
        counts = [len(some.drop_duplicates(_MODEL)) for some in (same, same[~accurate])]
        by_model = same[accurate].groupby(["seed", "dataset", "architecture"])["value"].mean()
        a_seed = same[accurate].groupby("seed")["value"].mean()
        reason = claim.get("reason")
        row = _row(claim, a_seed, reason if isinstance(reason, str) and reason else obstacle, *counts)
        if len(found) and same.empty:
            row["verdict"] = f"incomplete: {len(found)} models measured, not all that the mean is over"
        rows.append(row | {"by_model": by_model.to_dict()})
    columns = [
        "published",
        "measured",
        "sd",
        "seeds",
        "by_seed",
        "by_model",
        "difference",
        "models",
        "below",
        "verdict",
    ]
    return pd.DataFrame(rows, columns=[*KEY, *columns])


def _complete_seeds(found: pd.DataFrame, planned: pd.DataFrame, claim: dict[Any, Any]) -> list[Hashable]:
    """The seeds of which all planned models that a claim is about are there."""
    wanted = [column for column in _MODEL[:-1] if claim[column]]
    asked = (
        planned[np.logical_and.reduce([planned[column] == claim[column] for column in wanted])] if wanted else planned
    )
    counts, needed = found.groupby("seed").size().to_dict(), asked.groupby("seed").size().to_dict()
    return [seed for seed, count in counts.items() if count >= needed[seed]]


def _accurate(records: pd.DataFrame, accuracies: "pd.Series[float]", least: float | None) -> "pd.Series[bool]":
    """Which records are of models that reach the accuracy that a claim asks for."""
    if least is None or pd.isna(least):
        return pd.Series(data=True, index=records.index, dtype=bool)
    reached = accuracies.reindex(pd.MultiIndex.from_frame(records[_MODEL])).to_numpy()
    return pd.Series(reached >= least - 1e-6, index=records.index, dtype=bool)  # 0.97 of 32 bits may lie below 0.97


def _row(claim: dict[Any, Any], a_seed: "pd.Series[float]", reason: str, models: int, below: int) -> dict[str, Any]:
    count = len(a_seed)
    mean = float(a_seed.mean()) if count else float("nan")
    sd = float(a_seed.std()) if count > 1 else float("nan")
    difference = mean - claim["value"]
    if not count:
        verdict = "not measured"
    elif reason:
        verdict = f"cannot be compared: {reason}"
    elif count == 1:
        verdict = "open (one seed)"
    else:
        runs = _given(claim, "runs", PUBLISHED_RUNS)
        reach = t.ppf((1 + CONFIDENCE) / 2, count - 1) * sd * np.sqrt(1 / count + 1 / runs)
        if abs(difference) <= reach + _given(claim, "rounding", 0.0) + _EQUAL:
            verdict = "agrees"
        else:
            verdict = "differs" if sd > _EQUAL else "open (no spread between seeds)"
    if below:
        note = f"{below} of {models} models below the published accuracy, left out"
        verdict = f"{verdict}{'; ' if ':' in verdict else ': '}{note}"
    found = {"published": claim["value"], "measured": mean, "sd": sd, "seeds": count, "difference": difference}
    found |= {"by_seed": a_seed.to_dict(), "models": models, "below": below, "verdict": verdict}
    return {column: claim[column] for column in KEY} | found


def _given(claim: dict[Any, Any], name: str, default: float) -> float:
    """What a claim says, or the default where it says nothing."""
    value = claim.get(name, default)
    return default if pd.isna(value) else float(value)


def relative(records: pd.DataFrame, claims: pd.DataFrame, *, base: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records and claims as shares of one training method's value, for scales that cannot be matched.

    Args:
        records: what `frame.to_frame` makes of our records.
        claims: as for `compare`.
        base: the training method whose value divides those of the others, seed by seed.

    Returns:
        Both with the metric "METRIC/BASE" and without the base itself, which would be 1. A value is left out where
        the base has none, or one that is not positive and makes no share.
    """
    places = [column for column in KEY if column != "training"]
    sound = records[records["status"] == Status.OK.value]
    return _shares(sound, [*places, "seed"], base), _shares(claims, places, base)


def _shares(rows: pd.DataFrame, places: list[str], base: str) -> pd.DataFrame:
    rows = rows.astype(dict.fromkeys(KEY, str))
    of_base = rows[(rows["training"] == base) & (rows["value"] > 0)]
    divisors = of_base.drop_duplicates(places)[[*places, "value"]].rename(columns={"value": "divisor"})
    joined = rows[rows["training"] != base].merge(divisors, on=places)
    return joined.assign(value=joined["value"] / joined["divisor"], metric=joined["metric"] + f"/{base}")
