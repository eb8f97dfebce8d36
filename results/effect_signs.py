"""Whether a training method moves a number the way that was published, and whether our own seeds settle that way."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t

from .distances import FEWEST
from .published import CONFIDENCE, KEY

_PLACES = [column for column in KEY if column != "training"]
_Model = tuple[int, str, str]  # seed, data set, architecture


def signs(comparison: pd.DataFrame, *, methods: Iterable[str], base: str = "regular") -> pd.DataFrame:
    """Has the effect of a training method the published sign, cell by cell?

    Args:
        comparison: what `published.compare` gives.
        methods: the training methods whose effects are claimed.
        base: the training method that they are compared with.

    Returns:
        The columns of KEY; `published` and `measured` (the method's value minus the base's; measured over the seeds
        that both have or, where they share none, as the difference of their means); `by_seed`, the measured effect of
        each seed that has both, where a mean is over several data sets that of those that both have; `same_sign`;
        and `settled`, whether the 95 % interval of the mean effect, by Student's t over seeds, leaves out zero.
        Seeds that do not differ settle nothing. Cells without both numbers are left out, and so are published effects
        of zero, which claim no sign.
    """
    of_methods = comparison[comparison["training"].isin(list(methods))]
    both = of_methods.merge(comparison[comparison["training"] == base], on=_PLACES, suffixes=("", "_base"))
    effects = both[KEY].copy()
    for kind in ("published", "measured"):
        effects[kind] = both[kind] - both[f"{kind}_base"]
    paired = [_paired(*pair) for pair in zip(both["by_model"], both["by_model_base"], strict=True)]
    effects["by_seed"] = pd.Series(paired, index=effects.index, dtype=object)
    effects["measured"] = [
        float(np.mean(list(values.values()))) if values else unpaired
        for values, unpaired in zip(paired, effects["measured"], strict=True)
    ]
    effects = effects[effects["measured"].notna() & (effects["published"].abs() > 1e-9)].reset_index(drop=True)
    effects["same_sign"] = np.sign(effects["published"]) == np.sign(effects["measured"])
    effects["settled"] = [_settled(list(found.values())) for found in effects["by_seed"]]
    return effects


class SignCounts(NamedTuple):
    """How many effects have the published sign, and what our own seeds say about that number."""

    cells: int
    same: int  # as published
    settled: int  # whose sign our seeds settle
    settled_same: int  # of those, as published
    between_seeds: float  # share of the cells in which one of our seeds has the sign of another; NaN with one seed

    def __str__(self) -> str:
        words = f"{self.same} of {self.cells}"
        if not np.isnan(self.between_seeds):
            words += f" (one of our seeds has that of another in {self.between_seeds:.0%}"
            words += f"; of the {self.settled} that our seeds settle, {self.settled_same})" if self.settled else ")"
        return words


def sign_counts(effects: pd.DataFrame) -> SignCounts:
    """Counts over what `signs` gives.

    Two runs of one experiment need not agree in the sign of a small effect. How often our seeds agree, averaged over
    all pairs of them and all cells that both have, is what a single run could be expected to reach.
    """
    settled = effects[effects["settled"]]
    alike = list(_alike(effects["by_seed"]))
    return SignCounts(
        cells=len(effects),
        same=int(effects["same_sign"].sum()),
        settled=len(settled),
        settled_same=int(settled["same_sign"].sum()),
        between_seeds=float(np.mean(alike)) if alike else float("nan"),
    )


def sizes_in_words(effects: pd.DataFrame) -> str:
    """How large effects are, and whether they are large where the published ones are; empty where there are few.

    Signs count a small effect, which a seed decides, as much as a large one; Spearman's rank correlation does not.

    Args:
        effects: what `signs` gives; noise makes the effects of few seeds look larger than they are.
    """
    parts = []
    for metric, group in effects.groupby("metric", sort=False):
        if len(group) < FEWEST:
            continue
        published, measured = group["published"], group["measured"]
        vary = len(published.unique()) > 1 and len(measured.unique()) > 1
        alike = f", rank correlation {published.corr(measured, method='spearman'):.2f}" if vary else ""
        parts.append(f"{metric} {measured.abs().mean():.2g} (published {published.abs().mean():.2g}{alike})")
    return f"mean size of these effects: {'; '.join(parts)}" if parts else ""


def _paired(values: Mapping[_Model, float], base: Mapping[_Model, float]) -> dict[int, float]:
    """The mean difference of each seed over the models that both have."""
    differences: dict[int, list[float]] = {}
    for model in sorted(values.keys() & base.keys()):
        differences.setdefault(model[0], []).append(values[model] - base[model])
    return {seed: float(np.mean(found)) for seed, found in differences.items()}


def _settled(effects: list[float]) -> bool:
    if len(effects) < 2:
        return False
    sd = np.std(effects, ddof=1)
    reach = t.ppf((1 + CONFIDENCE) / 2, len(effects) - 1) * sd / np.sqrt(len(effects))
    return bool(sd > 1e-9 and abs(np.mean(effects)) > reach)


def _alike(cells: Iterable[Mapping[int, float]]) -> Iterator[bool]:
    """For each cell and each two seeds of it, whether their effects have one sign."""
    for cell in cells:
        for one, other in combinations(cell.values(), 2):
            yield bool(np.sign(one) == np.sign(other))
