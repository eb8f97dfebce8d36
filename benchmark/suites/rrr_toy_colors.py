"""Toy colors: which of two rules a model learns, by gradients and LIME, over lambda_1, annotations and rounds."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import PUBLISHED_RRR, RANDOM
from ...baselines.training import AnotherExplanation, RightForRightReasons
from ...datasets import annotated
from ...datasets.toy_colors import TOY_COLORS_ANTI_RULE_1
from ...metrics import ACCURACY
from ...metrics.shortcut import ACCURACY_TRAINING, EVIDENCE_SHARE_PUBLISHED, IRRELEVANT_SHARE_PUBLISHED
from ...results.plots.rrr import LinePanel, lines_plot, pictures_plot
from ...results.rrr_claims import accuracies, claim, claims_frame, stored_models
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..publications.rrr_figures import Numbers, accuracy_bars, explained, line, picture_row, published_line
from ..suite import Figure, Published, Suite
from .rrr_decoy_mnist import FULL_ANNOTATION, GRADIENT_RRR, NO_ANNOTATION

CORNERS = TOY_COLORS_ANTI_RULE_1  # the corners are annotated, the top row is the evidence that is left
WEIGHTS = tuple(float(text) for text in dict.fromkeys(stored_models("toy_lambda_sweep")["setting"]))  # lambda_1
COUNTS = tuple(int(text) for text in dict.fromkeys(stored_models("toy_n_sweep")["setting"]))  # annotated samples
ROUNDS = (("another_explanation_0", 0), ("another_explanation_1", 1), ("another_explanation_2", 2))
_SHARES = {"corner_fraction": "irrelevant_share_published", "topmid_fraction": "evidence_share_published"}
_LABELS = {"irrelevant_share_published": "corners", "evidence_share_published": "top middle", "accuracy": "accuracy"}
_SMALL_WEIGHTS, _SMALL_COUNTS = WEIGHTS[1::8], COUNTS[4::8]
_FIRST = AnotherExplanation(penalty_weight=0.0)
_SECOND = AnotherExplanation(penalty_weight=1e3, after=_FIRST)
_THIRD = AnotherExplanation(penalty_weight=1e6, after=_SECOND)


def weighted(penalty_weight: float) -> str:
    """The training method's name for one lambda_1."""
    return f"rrr_{penalty_weight:g}"


def _own(training: str, recipe: RightForRightReasons, **settings: int) -> list[Entry]:
    dataset = annotated(CORNERS, settings["count"]) if settings else CORNERS
    return entries(
        training=training, recipe=recipe, datasets=[dataset], architectures=[RRR_MLP], saliency=[GRADIENT_RRR]
    )


def _transition(weights: tuple[float, ...], counts: tuple[int, ...]) -> tuple[Entry, ...]:
    made = [_own(weighted(weight), RightForRightReasons(penalty_weight=weight)) for weight in weights]
    made += [_own("right_for_right_reasons", FULL_ANNOTATION, count=count) for count in counts]
    return tuple(entry for group in made for entry in group)


def _transition_claims() -> pd.DataFrame:
    metrics = {**_SHARES, "test_accuracy": "accuracy"}
    rows = []
    for experiment, counted in (("toy_lambda_sweep", False), ("toy_n_sweep", True)):
        for row in stored_models(experiment).to_dict("records"):
            metric = metrics[row["split_or_metric"]]
            name = f"{CORNERS.name}_annotated_{row['setting']}" if counted else CORNERS.name
            training = "right_for_right_reasons" if counted else weighted(float(row["setting"]))
            saliency = "" if metric == "accuracy" else GRADIENT_RRR.name
            rows.append(claim(name, training, metric, float(row["value"]), saliency=saliency))
    return claims_frame(rows)


def _draw_transition(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    numbers, panels = Numbers(results), []
    for across, places in (
        ("lambda_1, all samples annotated", [(weight, CORNERS.name, weighted(weight)) for weight in WEIGHTS]),
        (
            "annotated samples, lambda_1 = 1000",
            [(float(n), f"{CORNERS.name}_annotated_{n}", "right_for_right_reasons") for n in COUNTS],
        ),
    ):
        lines = []
        for metric, label in _LABELS.items():
            lines.append(line(label, numbers, metric, places))
            lines += published_line(label, results, metric, places)
        panels.append(LinePanel("rule transition", across, "share of the large gradients", lines, logarithmic=True))
    return lines_plot(panels, path)


def _round_claims() -> pd.DataFrame:
    settings = {
        "A=0": "another_explanation_0",
        "fae_theta1_lambda1=1e3": "another_explanation_1",
        "fae_theta2_lambda1=1e6": "another_explanation_2",
    }
    return accuracies("toy_colors", settings, {"test_acc": "accuracy"}, name=CORNERS.name)


def _draw_maps(
    results: Results, store: Store, data: Path, path: Path, *, columns: tuple[tuple[str, str, str], ...]
) -> list[Path]:
    """Rows of samples with the maps of (label, training, saliency)."""
    found = [
        (label, explained(results, store, data, dataset=CORNERS.name, training=training, saliency=saliency))
        for label, training, saliency in columns
    ]
    return pictures_plot([picture_row(found, row, most=255.0) for row in range(6)], path)


def _draw_rounds(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    models = [(f"θ{count}", CORNERS.name, name) for name, count in ROUNDS]
    return accuracy_bars(results, models, ["accuracy", "accuracy_training", *_SHARES.values()], path)


def _suite(name: str, title: str, own: tuple[Entry, ...], seeds: int, *, samples: int = 1000) -> Suite:
    return Suite(
        name=name,
        title=f"Right for the right reasons: {title}",
        datasets=tuple(dict.fromkeys(entry.dataset for entry in own)),
        architectures=(RRR_MLP,),
        saliency=tuple(dict.fromkeys(entry.saliency for entry in own)),
        controls=(RANDOM,),
        metrics=(ACCURACY, ACCURACY_TRAINING, IRRELEVANT_SHARE_PUBLISHED, EVIDENCE_SHARE_PUBLISHED),
        seeds=tuple(range(seeds)),
        entries=own,
        samples=samples,
        reference="ross2017right",
    )


def _figure2(seeds: int, samples: int) -> Suite:
    own = entries(
        training="regular",
        recipe=NO_ANNOTATION,
        datasets=[CORNERS],
        architectures=[RRR_MLP],
        saliency=PUBLISHED_RRR,
    )
    columns = tuple((method.name, "regular", method.name) for method in PUBLISHED_RRR)
    return replace(
        _suite("rrr-figure2", "gradients and LIME on toy colors", tuple(own), seeds, samples=samples),
        published=(
            Published(
                title="ross2017right, figure 2, the public notebook",
                claims=partial(
                    accuracies, "toy_colors", {"A=0": "regular"}, {"test_acc": "accuracy"}, name=CORNERS.name
                ),
            ),
        ),
        figures=(Figure(name="rrr_figure2", draw=partial(_draw_maps, columns=columns)),),
    )


def _figure3(weights: tuple[float, ...], counts: tuple[int, ...], seeds: int) -> Suite:
    own = _transition(weights, counts)
    return replace(
        _suite("rrr-figure3", "rules over lambda_1 and the number of annotated samples", own, seeds),
        published=(Published(title="ross2017right, figure 3, the authors' stored models", claims=_transition_claims),),
        figures=(Figure(name="rrr_figure3", of_numbers=True, draw=_draw_transition),),
    )


def _figure4(seeds: int) -> Suite:
    own = [
        entry for name, recipe in zip(ROUNDS, (_FIRST, _SECOND, _THIRD), strict=True) for entry in _own(name[0], recipe)
    ]
    columns = tuple((f"θ{count}", name, GRADIENT_RRR.name) for name, count in ROUNDS)
    return replace(
        _suite("rrr-figure4", "find-another-explanation on toy colors", tuple(own), seeds),
        published=(Published(title="ross2017right, figure 4, the public notebook", claims=_round_claims),),
        figures=(
            Figure(name="rrr_figure4", draw=partial(_draw_maps, columns=columns)),
            Figure(name="rrr_figure4_accuracy", of_numbers=True, draw=_draw_rounds),
        ),
    )


SUITES = (
    replace(_figure2(5, 1000), small=replace(_figure2(2, 200), obstacle="small scale: 2 of 5 seeds, 200 samples")),
    replace(
        _figure3(WEIGHTS, COUNTS, 3),
        small=replace(
            _figure3(_SMALL_WEIGHTS, _SMALL_COUNTS, 1),
            obstacle=f"small scale: {len(_SMALL_WEIGHTS)} of {len(WEIGHTS)} weights and {len(_SMALL_COUNTS)} of "
            f"{len(COUNTS)} counts of annotated samples, one seed",
        ),
    ),
    replace(_figure4(5), small=replace(_figure4(2), obstacle="small scale: 2 of 5 seeds")),
)
