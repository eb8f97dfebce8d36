"""Decoy MNIST: gradients and LIME, overcoming the confound, find-another-explanation and sweeps: figures 6, 9, 12."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import PUBLISHED_RRR, RANDOM
from ...baselines.training import AnotherExplanation, RightForRightReasons
from ...baselines.training.right_reasons import PenalizedOutput
from ...datasets import Budget
from ...datasets.decoy import DECOY_MNIST, PLAIN_MNIST
from ...metrics import ACCURACY, IRRELEVANT_MASS
from ...metrics.shortcut import (
    ACCURACY_ABSENT,
    ACCURACY_FLIPPED,
    ACCURACY_INFORMATIVE,
    ACCURACY_TRAINING,
    IRRELEVANT_SHARE_PUBLISHED,
    SHORTCUT_AUROC,
)
from ...results.plots.rrr import LinePanel, lines_plot, pictures_plot
from ...results.rrr_claims import accuracies, another_explanation, claim, claims_frame, stored_models
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..publications.rrr_figures import Numbers, accuracy_bars, explained, line, picture_row, published_line
from ..suite import Figure, Published, Suite

GRADIENT_RRR, LIME_RRR = PUBLISHED_RRR
NO_ANNOTATION = RightForRightReasons(penalty_weight=0.0)  # the published loss with A = 0: sums, and lambda_2
FULL_ANNOTATION = RightForRightReasons(penalty_weight=1000.0)
ROUNDS = 7
ROUND_WEIGHTS = {"1e3": 1e3, "1e4": 1e4, "1e5": 1e5}  # lambda_1 of figure 12
WEIGHTS = tuple(10.0**power for power in range(-4, 9))  # lambda_1 of the published cross-validation
OUTPUTS: dict[str, PenalizedOutput] = {  # as the stored models call them
    "logsum": "sum_log_probability",
    "logmax": "max_log_probability",
    "linsum": "sum_probability",
    "linmax": "max_probability",
}
_FULL_BUDGET = DECOY_MNIST.budget
_ACCURACIES = {"train_acc": "accuracy_training", "test_acc": "accuracy"}
_HELD_OUT = "trained on 56,000 of the 60,000 samples"


def another(count: int, penalty_weight: float) -> AnotherExplanation:
    """The recipe of a model with so many predecessors, of which the first is the same for every weight."""
    if not count:
        return AnotherExplanation(penalty_weight=0.0)
    return AnotherExplanation(penalty_weight=penalty_weight, after=another(count - 1, penalty_weight))


def round_name(count: int, weight: str) -> str:
    """The training method's name for one round and weight."""
    return f"another_explanation_{count}_{weight}"


def _own(training: str, recipe: RightForRightReasons, budget: Budget, *, plain: bool = False) -> list[Entry]:
    return entries(
        training=training,
        recipe=recipe,
        datasets=[PLAIN_MNIST if plain else DECOY_MNIST],
        architectures=[RRR_MLP],
        saliency=[GRADIENT_RRR],
        budget=budget,
    )


def _suite(name: str, title: str, own: list[Entry], seeds: int, *, samples: int = 1000) -> Suite:
    return Suite(
        name=name,
        title=f"Right for the right reasons: {title}",
        datasets=tuple(dict.fromkeys(entry.dataset for entry in own)),
        architectures=(RRR_MLP,),
        saliency=tuple(dict.fromkeys(entry.saliency for entry in own)),
        controls=(RANDOM,),
        metrics=(
            ACCURACY,
            ACCURACY_TRAINING,
            ACCURACY_INFORMATIVE,
            ACCURACY_FLIPPED,
            ACCURACY_ABSENT,
            SHORTCUT_AUROC,
            IRRELEVANT_MASS,
            IRRELEVANT_SHARE_PUBLISHED,
        ),
        seeds=tuple(range(seeds)),
        entries=tuple(own),
        samples=samples,
        reference="ross2017right",
    )


def _draw_maps(
    results: Results, store: Store, data: Path, path: Path, *, columns: tuple[tuple[str, str, str], ...]
) -> list[Path]:
    """Six samples with the maps of (label, training, saliency), of those that were measured."""
    found = []
    for label, training, saliency in columns:
        try:
            where = {"dataset": DECOY_MNIST.name, "training": training, "saliency": saliency}
            found.append((label, explained(results, store, data, **where)))
        except LookupError:
            continue
    return pictures_plot([picture_row(found, row, most=255.0) for row in range(6)] if found else [], path)


# Figure 6: gradients and LIME.


def _figure6(budget: Budget, seeds: int, samples: int) -> Suite:
    own = entries(
        training="regular",
        recipe=NO_ANNOTATION,
        datasets=[DECOY_MNIST],
        architectures=[RRR_MLP],
        saliency=PUBLISHED_RRR,
        budget=budget,
    )
    columns = tuple((method.name, "regular", method.name) for method in PUBLISHED_RRR)
    return replace(
        _suite("rrr-figure6", "gradients and LIME on Decoy MNIST", own, seeds, samples=samples),
        figures=(Figure(name="rrr_figure6", draw=partial(_draw_maps, columns=columns)),),
    )


# Figure 9: overcoming the confound.


def _confound_claims(source: str) -> pd.DataFrame:
    settings = {"A=0": "regular", "full_A_lambda1=1000": "right_for_right_reasons"}
    return pd.concat(
        [
            accuracies("mnist_plain", {"baseline": "regular"}, _ACCURACIES, name=PLAIN_MNIST.name, source=source),
            accuracies("decoy_mnist", settings, _ACCURACIES, name=DECOY_MNIST.name, source=source),
        ],
        ignore_index=True,
    )


def _draw_confound(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    models = [
        ("baseline", PLAIN_MNIST.name, "regular"),
        ("A = 0", DECOY_MNIST.name, "regular"),
        ("full A", DECOY_MNIST.name, "right_for_right_reasons"),
    ]
    return accuracy_bars(results, models, ["accuracy_training", "accuracy", "accuracy_flipped"], path)


def _figure9(budget: Budget, seeds: int) -> Suite:
    own = [
        *_own("regular", NO_ANNOTATION, budget, plain=True),
        *_own("regular", NO_ANNOTATION, budget),
        *_own("right_for_right_reasons", FULL_ANNOTATION, budget),
    ]
    return replace(
        _suite("rrr-figure9", "the confound of Decoy MNIST", own, seeds),
        published=tuple(
            Published(title=title, claims=partial(_confound_claims, source), methods=("right_for_right_reasons",))
            for title, source in (
                ("ross2017right, section 3.2 and figure 9, the text", "paper"),
                ("ross2017right, figure 9, the public notebook", "notebook"),
            )
        ),
        figures=(Figure(name="rrr_figure9", of_numbers=True, draw=_draw_confound),),
    )


# Figure 12: find-another-explanation.


def _round_places(weight: str) -> list[tuple[float, str, str]]:
    return [(float(count), DECOY_MNIST.name, round_name(count, weight)) for count in range(ROUNDS)]


def _draw_rounds(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    numbers, panels = Numbers(results), []
    for weight in ROUND_WEIGHTS:
        lines, places = [], _round_places(weight)
        for metric in _ACCURACIES.values():
            try:
                lines.append(line(metric, numbers, metric, places))
            except LookupError:
                continue
            lines += published_line(metric, results, metric, places)
        if lines:
            panels.append(LinePanel(f"Decoy MNIST, lambda_1 = {weight}", "model", "mean, sd over seeds", lines))
    return lines_plot(panels, path)


def _figure12(budget: Budget, seeds: int, rounds: int, weights: tuple[str, ...]) -> Suite:
    own = [
        entry
        for weight in weights
        for count in range(rounds)
        for entry in _own(round_name(count, weight), another(count, ROUND_WEIGHTS[weight]), budget)
    ]
    columns = tuple((f"θ{count}", round_name(count, weights[0]), GRADIENT_RRR.name) for count in range(rounds))
    return replace(
        _suite("rrr-figure12", "find-another-explanation on Decoy MNIST", own, seeds),
        published=(
            Published(title="ross2017right, figure 12, the authors' stored models", claims=another_explanation),
        ),
        figures=(
            Figure(name="rrr_figure12", of_numbers=True, draw=_draw_rounds),
            Figure(name="rrr_figure12_maps", draw=partial(_draw_maps, columns=columns)),
        ),
    )


# The published cross-validation of lambda_1, and the other outputs whose gradient was penalized.


def weighted(penalty_weight: float) -> str:
    """The training method's name for one lambda_1."""
    return f"rrr_{penalty_weight:g}"


def _weight_claims() -> pd.DataFrame:
    settings = {f"full_A_lambda1={weight:g}": weighted(weight) for weight in WEIGHTS}
    return accuracies(
        "decoy_mnist", settings, _ACCURACIES, name=DECOY_MNIST.name, source="repo crossval", reason=_HELD_OUT
    )


def _output_claims() -> pd.DataFrame:
    return claims_frame(
        claim(
            DECOY_MNIST.name,
            f"rrr_{row['variant']}_{row['setting'].removeprefix('lambda1=')}",
            "accuracy",
            row["value"],
        )
        for row in stored_models("decoy_lossvariant").to_dict("records")
    )


def _draw_weights(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    numbers, lines = Numbers(results), []
    places = [(weight, DECOY_MNIST.name, weighted(weight)) for weight in WEIGHTS]
    for metric in _ACCURACIES.values():
        lines.append(line(metric, numbers, metric, places))
        lines += published_line(metric, results, metric, places)
    return lines_plot([LinePanel("Decoy MNIST", "lambda_1", "mean, sd over seeds", lines, logarithmic=True)], path)


def _sweep(budget: Budget, seeds: int, weights: tuple[float, ...], outputs: tuple[str, ...]) -> Suite:
    own = [
        *(
            entry
            for weight in weights
            for entry in _own(weighted(weight), RightForRightReasons(penalty_weight=weight), budget)
        ),
        *(
            entry
            for name in outputs
            for weight in (1000, 100000)
            for entry in _own(
                f"rrr_{name}_{weight}",
                RightForRightReasons(penalty_weight=float(weight), output=OUTPUTS[name]),
                budget,
            )
        ),
    ]
    return replace(
        _suite("rrr-decoy-sweep", "lambda_1 and the penalized output on Decoy MNIST", own, seeds),
        published=(
            Published(title="ross2017right, the public repository's cross-validation", claims=_weight_claims),
            Published(title="ross2017right, the authors' stored models of other outputs", claims=_output_claims),
        ),
        figures=(Figure(name="rrr_decoy_sweep", of_numbers=True, draw=_draw_weights),),
    )


_SHORT = replace(_FULL_BUDGET, epochs=8)
_EPOCHS = f"small scale: {_SHORT.epochs} of {_FULL_BUDGET.epochs} epochs"

SUITES = (
    replace(
        _figure6(_FULL_BUDGET, 5, 1000),
        small=replace(_figure6(_SHORT, 1, 100), obstacle=f"{_EPOCHS}, 1 of 5 seeds, 100 samples"),
    ),
    replace(_figure9(_FULL_BUDGET, 5), small=replace(_figure9(_SHORT, 2), obstacle=f"{_EPOCHS}, 2 of 5 seeds")),
    replace(
        _figure12(_FULL_BUDGET, 3, ROUNDS, tuple(ROUND_WEIGHTS)),
        small=replace(
            _figure12(_SHORT, 1, 3, ("1e3",)), obstacle=f"{_EPOCHS}, 1 of 3 seeds, 3 of 7 rounds, one of three weights"
        ),
    ),
    replace(
        _sweep(_FULL_BUDGET, 3, WEIGHTS, tuple(OUTPUTS)),
        small=replace(
            _sweep(_SHORT, 1, (1e-2, 1e1, 1e3, 1e6), ("logsum",)),
            obstacle=f"{_EPOCHS}, 1 of 3 seeds, 4 of 13 weights, one of four outputs",
        ),
    ),
)
