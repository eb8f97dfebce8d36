"""What SCAAT's tables claim, in the names of this benchmark; nothing is said of repeats, so that runs is 1."""

from collections.abc import Callable

import pandas as pd

from ...results.published import KEY, read_published
from ..suite import Published

_DATASETS = {"cifar10": "cifar10", "pcam": "pcam", "imagenet1k": "imagenet"}
_ARCHITECTURES = {"resnet18": "resnet18", "vgg16": "vgg16_bn"}
_TRAININGS = {
    "regular": "regular",
    "ismail": "saliency_guided",
    "scaat": "scaat",
    "scaat_adaptive_q": "scaat",
    "scaat_fixed_q": "scaat_fixed",
    "scaat_pgd4": "scaat",
    "scaat_fgsm": "scaat_fgsm",
}
_SALIENCY = {"vanilla_gradient": "gradient", "smoothgrad": "smoothgrad", "integrated_gradients": "integrated_gradients"}
_TABLE1 = {
    "saliency_entropy": "entropy",
    "saliency_size": "png_kilobytes",
    "aopc_lerf": "scaat_aopc_lerf",
    "aopc_morf_implied": "scaat_aopc_morf",
    "aopc_rel": "scaat_aopc_rel",
}
_TABLE2 = {"top1_acc": ("accuracy", ""), "auc": ("auroc", ""), "aopc_rel_gradient": ("scaat_aopc_rel", "gradient")}
_SIZE = "the published pictures have another size and format; their ratios are compared below"


def table1() -> pd.DataFrame:
    """Sparsity and faithfulness; MoRF is not printed but follows as LeRF times rel."""
    table = read_published("scaat_table1")
    return pd.DataFrame(
        {
            "dataset": table["dataset"].map(_DATASETS),
            "architecture": table["architecture"].map(_ARCHITECTURES),
            "training": table["training"].map(_TRAININGS),
            "saliency": table["saliency"].map(_SALIENCY),
            "metric": table["metric"].map(_TABLE1),
            "value": table["value"],
            "reason": table["metric"].map({"saliency_size": _SIZE}),
            "runs": 1,
        }
    )


def table1_comparable() -> pd.DataFrame:
    """The numbers of table 1 of which ratios to regular training say something, the sizes included."""
    return table1().drop(columns="reason")


def table2() -> pd.DataFrame:
    """Performance, and AOPC rel of the gradient."""
    table = read_published("scaat_table2")
    claims = pd.DataFrame(
        {
            "dataset": table["dataset"].map(_DATASETS),
            "architecture": table["architecture"].map(_ARCHITECTURES),
            "training": table["training"].map(_TRAININGS),
            "value": table["value"],
            "runs": 1,
        }
    )
    for place, column in enumerate(("metric", "saliency")):
        claims[column] = [_TABLE2[metric][place] for metric in table["metric"]]
    return claims[[*KEY, "value", "runs"]]


def table3() -> pd.DataFrame:
    """Accuracy and the Gini index of the gradient; the time is no record, see `time_ratios`."""
    table = read_published("scaat_table3")
    rows = [
        {
            "dataset": "imagenet",
            "architecture": "resnet18",
            "training": _TRAININGS[row["training"]],
            "saliency": saliency,
            "metric": metric,
            "value": value,
            "runs": 1,
        }
        for row in table.to_dict("records")
        for metric, saliency, value in (
            ("accuracy", "", row["acc_percent_mean"] / 100),
            ("gini", "gradient", row["gini_index"]),
        )
    ]
    return pd.DataFrame(rows, columns=[*KEY, "value", "runs"])


def time_ratios() -> dict[str, float]:
    """Published time of training over that of regular training."""
    table = read_published("scaat_table3")
    return {_TRAININGS[name]: float(time) for name, time in zip(table["training"], table["relative_time"], strict=True)}


def anywhere(claims: pd.DataFrame, *, dataset: str) -> pd.DataFrame:
    """The claims about one data set with ResNet-18, to stand beside another data set and architecture."""
    chosen = claims[(claims["dataset"] == dataset) & (claims["architecture"] == "resnet18")]
    return chosen.assign(dataset="", architecture="").reset_index(drop=True)


def beside_other_data(
    title: str, claims: Callable[[], pd.DataFrame], *, dataset: str, ratios: Callable[[], pd.DataFrame] | None = None
) -> tuple[Published, Published]:
    """A table beside numbers of other data: the effects of SCAAT, and all values as ratios to regular training.

    Args:
        title: of the table, and whose data stand beside it.
        claims: the table.
        dataset: whose claims with ResNet-18 are taken.
        ratios: the numbers of which ratios say something, if they are not those of `claims`.
    """
    return (
        Published(title=title, claims=lambda: anywhere(claims(), dataset=dataset), methods=("scaat",)),
        Published(
            title=f"{title}, as ratios to regular training",
            claims=lambda: anywhere((ratios or claims)(), dataset=dataset),
            relative_to="regular",
        ),
    )
