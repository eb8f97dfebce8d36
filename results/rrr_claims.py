"""What ross2017right reports, as claims: from its text and notebooks, and from the authors' stored models."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from .published import KEY, read_published

ARCHITECTURE = "rrr_mlp"


_OFF_A_PLOT = 0.01  # how far a value that was read off a plot may be off


def claim(
    dataset: str,
    training: str,
    metric: str,
    value: float,
    *,
    saliency: str = "",
    reason: str = "",
    runs: int = 1,
    rounding: float = 0.0,
) -> dict[str, Any]:
    """One row: a number of the published network; a mean over all saliency methods if none is named."""
    keys = (dataset, ARCHITECTURE, training, saliency, metric)
    said = {"value": value, "reason": reason, "runs": runs, "rounding": rounding}
    return dict(zip(KEY, keys, strict=True)) | said


def accuracies(
    dataset: str,
    settings: Mapping[str, str],
    metrics: Mapping[str, str],
    *,
    name: str,
    source: str = "",
    saliency: Mapping[str, str] | None = None,
    reason: str = "",
    runs: int = 1,
) -> pd.DataFrame:
    """Claims from `rrr_accuracies`.

    Args:
        dataset: as the file calls it.
        settings: our training method for each of the file's settings that is wanted.
        metrics: our metric for each of the file's metrics that is wanted.
        name: of our data set; empty for a mean over all.
        source: how the source of the rows must begin, e.g. "paper".
        saliency: our saliency method for each of our metrics that reads maps.
        reason: why none can be compared.
        runs: how many of our seeds have as many models as are behind each number.
    """
    rows = read_published("rrr_accuracies")
    wanted = rows[
        (rows["dataset"] == dataset)
        & rows["setting"].isin(settings)
        & rows["metric"].isin(metrics)
        & rows["source"].str.startswith(source)
        & ~rows["value"].astype(str).str.startswith(">")
    ]
    return claims_frame(
        claim(
            name,
            settings[row["setting"]],
            metrics[row["metric"]],
            float(row["value"]),
            saliency=(saliency or {}).get(metrics[row["metric"]], ""),
            reason=reason,
            runs=runs,
            rounding=_rounding(str(row["value"]), row["source"]),
        )
        for row in wanted.to_dict("records")
    )


def _rounding(printed: str, source: str) -> float:
    """How far a number may be off what was measured then: half of its last digit in a text, nothing in an output."""
    if source.startswith("read off"):
        return _OFF_A_PLOT
    return 0.5 * 10.0 ** -len(printed.partition(".")[2]) if source.startswith("paper text") else 0.0


def stored_models(experiment: str) -> pd.DataFrame:
    """Rows of `rrr_stored_models_reeval`: the columns setting, variant, split_or_metric and value of one experiment."""
    rows = read_published("rrr_stored_models_reeval")
    return rows[rows["experiment"] == experiment].fillna({"variant": ""}).drop(columns="experiment")


def another_explanation() -> pd.DataFrame:
    """Find-another-explanation on Decoy MNIST, figure 12: accuracies of the stored models."""
    weights = {"lambda1=1000": "1e3", "lambda1=10000": "1e4", "lambda1=100000": "1e5"}
    metrics = {"train": "accuracy_training", "test": "accuracy"}
    return claims_frame(
        claim(
            "decoy_mnist",
            f"another_explanation_{row['variant'].removeprefix('theta')}_{weights[row['setting']]}",
            metrics[row["split_or_metric"]],
            row["value"],
        )
        for row in stored_models("decoy_fae").to_dict("records")
    )


def claims_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Claims as `Published.claims` gives them."""
    return pd.DataFrame(list(rows), columns=[*KEY, "value", "reason", "runs", "rounding"])
