"""Published numbers beside our own: what agrees, what differs, and whether the claimed effect has the claimed sign."""

from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from .record import Status

KEY = ["dataset", "architecture", "training", "saliency", "metric"]  # an empty text is a mean over all there are
PUBLISHED_RUNS = 5  # behind each published mean, where nothing else is said
CONFIDENCE = 0.95


def read_published(name: str) -> pd.DataFrame:
    """A table of a publication as it lies in `results/papers`.

    Raises:
        FileNotFoundError: there is no table of that name.
    """
    path = files(__package__).joinpath("papers", f"{name}.csv")
    with path.open(encoding="utf-8") as lines:
        return pd.read_csv(lines)


def compare(records: pd.DataFrame, claims: pd.DataFrame, *, obstacle: str = "") -> pd.DataFrame:
    """Each published number beside ours.

    Ours is the mean over seeds of the mean over whatever a claim leaves open, such as the data sets. Numbers agree if
    the published one lies in the 95 % prediction interval of a mean of five further runs, by Student's t with the
    spread of our own runs. One run has no spread, so that the verdict is left open.

    Args:
        records: what `frame.to_frame` makes of our records.
        claims: the columns of KEY and `value`, and `reason` where one cannot be compared.
        obstacle: why none of them can be compared, e.g. because of the scale.

    Returns:
        The columns of KEY, `published`, `measured`, `sd`, `seeds`, `difference` and `verdict`: agrees, differs, open
        (one seed), not measured, or cannot be compared with the reason.
    """
    defined = records[(records["status"] == Status.OK.value) & np.isfinite(records["value"])].copy()
    defined["dataset"] = defined["dataset"].astype(str).str.split("@").str[0]
    for column in KEY:
        defined[column] = defined[column].astype(str)
    rows = []
    for claim in claims.to_dict("records"):
        wanted = [column for column in KEY if claim[column]]
        same = defined[np.logical_and.reduce([defined[column] == claim[column] for column in wanted])]
        a_seed = same.groupby("seed")["value"].mean()
        reason = claim.get("reason")
        rows.append(_row(claim, a_seed, reason if isinstance(reason, str) and reason else obstacle))
    return pd.DataFrame(rows, columns=[*KEY, "published", "measured", "sd", "seeds", "difference", "verdict"])


def _row(claim: dict[Any, Any], a_seed: "pd.Series[float]", reason: str) -> dict[str, Any]:
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
        reach = t.ppf((1 + CONFIDENCE) / 2, count - 1) * sd * np.sqrt(1 / count + 1 / PUBLISHED_RUNS)
        verdict = "agrees" if abs(difference) <= reach else "differs"
    found = {"published": claim["value"], "measured": mean, "sd": sd, "seeds": count}
    return {column: claim[column] for column in KEY} | found | {"difference": difference, "verdict": verdict}


def signs(comparison: pd.DataFrame, *, method: str, base: str = "regular") -> pd.DataFrame:
    """Has the effect of a training method the published sign, cell by cell?

    Args:
        comparison: what `compare` gives.
        method: the training method whose effect is claimed.
        base: the training method that it is compared with.

    Returns:
        The columns of KEY but training, `published` and `measured` (the method's value minus the base's), and
        `same_sign`. Cells without both are left out, and so are published effects of zero, which claim no sign.
    """
    places = [column for column in KEY if column != "training"]
    wide = comparison.pivot_table(
        index=places, columns="training", values=["published", "measured"], sort=False, dropna=False
    )
    wanted = [(kind, training) for kind in ("published", "measured") for training in (method, base)]
    if any(column not in wide for column in wanted):
        return pd.DataFrame(columns=[*places, "published", "measured", "same_sign"])
    effects = pd.DataFrame({kind: wide[kind, method] - wide[kind, base] for kind in ("published", "measured")})
    effects = effects.dropna()
    effects = effects[effects["published"].abs() > 1e-9]
    effects["same_sign"] = np.sign(effects["published"]) == np.sign(effects["measured"])
    return effects.reset_index()
