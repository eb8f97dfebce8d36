"""What the public notebook behind the six saliency regularizers claims, in the names of this benchmark."""

import pandas as pd

from .published import KEY, read_published

TRAININGS = {
    "baseline": "regular",
    "gradreg": "gradient_regularized",
    **{name: f"{name}_regularized" for name in ("consistency", "smoothness", "locality", "fidelity", "symmetry")},
}
_OWN_MAPS = "gradient_xcl"
_METRICS = {  # name, saliency method (none for what no map enters), factor to our unit
    "test_accuracy_from_model_filename": ("accuracy", "", 1.0),
    "morf_auc_own_attribution": ("xcl_morf", _OWN_MAPS, 1.0),
    "faithfulness_mean_pearson": ("xcl_faithfulness", _OWN_MAPS, 1.0),
    "complexity_last_image": ("complexity_xcl", _OWN_MAPS, 1.0),
    "roar_auc_over_fraction_0_0.9": ("xcl_roar_area", _OWN_MAPS, 10_000.0),  # theirs has fractions, ours percent
    "gauss_auc_over_std_0_1.5": ("gaussian_accuracy_area_published", "", 1.0),
    "block_auc_over_max_size_0_12": ("block_accuracy_area", "", 1.0),
}
_REASONS = {"complexity_last_image": "the published value is that of one random image"}
_CROSS = {"morf_auc_symmetry_model_attribution": "symmetry", "morf_auc_baseline_model_attribution": "baseline"}


def claims(dataset: str, *, measured_on: str, architecture: str) -> pd.DataFrame:
    """The published numbers of one data set.

    Args:
        dataset: "mnist" or "fashion_mnist".
        measured_on: the name of the data set that ours are measured on.
        architecture: likewise.

    Returns:
        The columns of `published.KEY`, `value`, `reason`, and `runs`: one seed lies behind each value.
    """
    table = read_published("xai_constrained_losses")
    table = table[(table["dataset"] == dataset) & table["metric"].isin(_METRICS)]
    rows = [
        {
            "dataset": measured_on,
            "architecture": architecture,
            "training": TRAININGS[row["penalty"]],
            "saliency": _METRICS[row["metric"]][1],
            "metric": _METRICS[row["metric"]][0],
            "value": row["value"] * _METRICS[row["metric"]][2],
            "reason": _REASONS.get(row["metric"], ""),
            "runs": 1,
        }
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=[*KEY, "value", "reason", "runs"])


def cross_claims() -> pd.DataFrame:
    """Published MoRF of maps of one MNIST model on another: the columns maps_of, evaluated_on and xcl_morf."""
    table = read_published("xai_constrained_losses")
    rows = [
        {
            "maps_of": TRAININGS[_CROSS[row["metric"]]],
            "evaluated_on": TRAININGS[row["penalty"]],
            "xcl_morf": row["value"],
        }
        for row in table.to_dict("records")
        if row["metric"] in _CROSS
    ]
    return pd.DataFrame(rows, columns=["maps_of", "evaluated_on", "xcl_morf"])
