"""Learning with less data: toy colors with fewer samples and four annotations, figure 13."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import RANDOM
from ...baselines.training import RightForRightReasons
from ...datasets import TOY_COLORS, Dataset
from ...datasets.subset import subset
from ...datasets.toy_colors import (
    TOY_COLORS_ANTI_RULE_1,
    TOY_COLORS_ANTI_RULE_2,
    TOY_COLORS_PRO_RULE_1,
    TOY_COLORS_PRO_RULE_2,
)
from ...metrics import ACCURACY
from ...metrics.shortcut import ACCURACY_TRAINING
from ...results.plots.rrr import LinePanel, lines_plot
from ...results.published import read_published
from ...results.rrr_claims import claim, claims_frame, stored_models
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..publications.rrr_figures import Numbers, line, published_line
from ..suite import Figure, Published, Suite
from .rrr_decoy_mnist import GRADIENT_RRR

ANNOTATIONS: Mapping[str, tuple[Dataset, str]] = {  # as the stored models call them
    "normals": (TOY_COLORS, "regular"),
    "pro_r1s": (TOY_COLORS_PRO_RULE_1, "right_for_right_reasons"),
    "pro_r2s": (TOY_COLORS_PRO_RULE_2, "right_for_right_reasons"),
    "anti_r1s": (TOY_COLORS_ANTI_RULE_1, "right_for_right_reasons"),
    "anti_r2s": (TOY_COLORS_ANTI_RULE_2, "right_for_right_reasons"),
}
COUNTS = tuple(int(text.removeprefix("n=")) for text in dict.fromkeys(stored_models("toy_less_data")["setting"]))


def _called(setting: str) -> str:
    """As the stored models call an annotation: pro_rule1 is pro_r1s."""
    kind, rule = setting.split("_rule")
    return f"{kind}_r{rule}s"


_SMALL_COUNTS = (116, 551, 2626, 10000)
_RECIPES = {  # the text says lambda_1 = 1000, the public code 10000 with the normalized loss
    "regular": RightForRightReasons(penalty_weight=0.0, form="normalized"),
    "right_for_right_reasons": RightForRightReasons(penalty_weight=10000.0, form="normalized"),
}
SAVINGS: Mapping[tuple[str, float], float] = {  # the appendix: how much less data an accuracy takes
    (_called(setting), float(metric.removeprefix("data_saving_factor_to_reach_"))): float(value)
    for setting, metric, value in read_published("rrr_accuracies")[["setting", "metric", "value"]].itertuples(
        index=False
    )
    if metric.startswith("data_saving_factor")
}


def _part(dataset: Dataset, count: int) -> Dataset:
    """So many samples, and the epochs that make the same number of steps as with all of them, as published."""
    small = subset(dataset, train=count)
    return replace(small, budget=replace(dataset.budget, epochs=int(32 * 10000 / count)))


_PARTS = {(name, count): _part(dataset, count) for name, (dataset, _) in ANNOTATIONS.items() for count in COUNTS}


def _claims() -> pd.DataFrame:
    return claims_frame(
        claim(
            _PARTS[row["variant"], int(row["setting"].removeprefix("n="))].name,
            ANNOTATIONS[row["variant"]][1],
            "accuracy",
            float(row["value"]),
        )
        for row in stored_models("toy_less_data").to_dict("records")
    )


def saving(counts: list[float], regular: list[float], other: list[float], level: float) -> float:
    """How many times fewer samples a method needs than regular training to reach an accuracy.

    Args:
        counts: of training samples, rising.
        regular: accuracy of regular training with each.
        other: that of the method.
        level: the accuracy.

    Returns:
        The ratio of the counts at which each first reaches it, between two counts on a straight line over the
        logarithm of the count; NaN where one never does.
    """

    def reached(values: list[float]) -> float:
        above = [place for place, value in enumerate(values) if value >= level]
        if not above:
            return float("nan")
        place = above[0]
        if not place:
            return counts[0]
        share = (level - values[place - 1]) / (values[place] - values[place - 1])
        return float(np.exp((1 - share) * np.log(counts[place - 1]) + share * np.log(counts[place])))

    return reached(regular) / reached(other)


def _draw(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    """The curves, and a table of how much less data each level takes, here and as published."""
    numbers, panels, curves = Numbers(results), [], {}
    for name, (_, training) in ANNOTATIONS.items():
        places = [(float(count), _PARTS[name, count].name, training) for count in COUNTS]
        found = line(name, numbers, "accuracy", places)
        curves[name] = dict(zip(found.x, found.mean, strict=True))
        known = published_line(name, results, "accuracy", places)
        panels.append(LinePanel(name, "training samples", "test accuracy", [found, *known], logarithmic=True))
    rows = [
        {
            "annotation": name,
            "level": level,
            "times_fewer_samples": saving(shared, regular, other, level),
            "published": SAVINGS[name, level],
        }
        for name, curve in curves.items()
        if name != "normals" and (shared := sorted(set(curve) & set(curves["normals"])))
        for regular, other in [([curves["normals"][x] for x in shared], [curve[x] for x in shared])]
        for level in sorted(level for annotation, level in SAVINGS if annotation == name)
    ]
    table = path.with_name(path.name + ".csv")
    pd.DataFrame(rows).to_csv(table, index=False)
    return [*lines_plot(panels, path), table]


def _suite(counts: tuple[int, ...], seeds: int) -> Suite:
    own: list[Entry] = []
    for name, (_, training) in ANNOTATIONS.items():
        own += entries(
            training=training,
            recipe=_RECIPES[training],
            datasets=[_PARTS[name, count] for count in counts],
            architectures=[RRR_MLP],
            saliency=[GRADIENT_RRR],
        )
    return Suite(
        name="rrr-figure13",
        title="Right for the right reasons: learning toy colors with less data",
        datasets=tuple(dict.fromkeys(entry.dataset for entry in own)),
        architectures=(RRR_MLP,),
        saliency=(GRADIENT_RRR,),
        controls=(RANDOM,),
        metrics=(ACCURACY, ACCURACY_TRAINING),
        seeds=tuple(range(seeds)),
        entries=tuple(own),
        samples=10,
        reference="ross2017right",
        published=(
            Published(
                title="ross2017right, figure 13, the authors' stored models",
                claims=_claims,
            ),
        ),
        figures=(Figure(name="rrr_figure13", of_numbers=True, draw=_draw),),
    )


SUITE = replace(
    _suite(COUNTS, 3),
    small=replace(
        _suite(_SMALL_COUNTS, 1), obstacle=f"small scale: {len(_SMALL_COUNTS)} of {len(COUNTS)} sizes, one seed"
    ),
)
