"""Atheism or Christianity: words by gradients and LIME, and find-another-explanation: figures 5 and 10."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import torch

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import RANDOM
from ...baselines.training import AnotherExplanation
from ...datasets import NEWSGROUPS, NEWSGROUPS_WORDS, Dataset
from ...datasets.newsgroups import vocabulary
from ...metrics import ACCURACY, GINI
from ...metrics.shortcut import ACCURACY_TRAINING
from ...results.plots.rrr import LinePanel, Ranked, lines_plot, ranked_plot
from ...results.rrr_claims import accuracies
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..publications.rrr_figures import Numbers, explained, line, published_line
from ..suite import Figure, Published, Suite
from .rrr_decoy_mnist import GRADIENT_RRR, LIME_RRR, NO_ANNOTATION

ROUNDS = 8
_WEIGHT = 250.0  # lambda_1
_METRICS = {"train_acc": "accuracy_training", "test_acc": "accuracy"}
_WORDS = 14  # shown for each sample
_STAND_IN = "the stand-in has lower case and no punctuation or headers"


def another(count: int) -> AnotherExplanation:
    """The recipe of a model with so many predecessors."""
    return AnotherExplanation(penalty_weight=_WEIGHT if count else 0.0, after=another(count - 1) if count else None)


def _suite(name: str, title: str, dataset: Dataset, own: list[Entry], seeds: int, samples: int) -> Suite:
    return Suite(
        name=name,
        title=f"Right for the right reasons: {title}",
        datasets=(dataset,),
        architectures=(RRR_MLP,),
        saliency=tuple(dict.fromkeys(entry.saliency for entry in own)),
        controls=(RANDOM,),
        metrics=(ACCURACY, ACCURACY_TRAINING, GINI),
        seeds=tuple(range(seeds)),
        entries=tuple(own),
        samples=samples,
        reference="ross2017right",
    )


def _largest(
    words: list[str], values: dict[str, list[float]], there: list[bool]
) -> tuple[list[str], dict[str, list[float]]]:
    """The words, of those that may be shown, that weigh most by the first of the methods, and their values by all."""
    first = torch.tensor(next(iter(values.values()))).abs()
    shown = torch.tensor(there)
    order = torch.where(shown, first, -1).topk(min(_WORDS, int(shown.sum()))).indices.tolist()
    return [words[place] for place in order], {name: [row[place] for place in order] for name, row in values.items()}


def _draw_words(
    results: Results,
    store: Store,
    data: Path,
    path: Path,
    *,
    dataset: Dataset,
    columns: tuple[tuple[str, str, str], ...],
    in_post: bool,
) -> list[Path]:
    """Words of one post of each class, or of the whole vocabulary, by each of (label, training, saliency)."""
    words = vocabulary(dataset, data)
    found = {
        label: explained(results, store, data, dataset=dataset.name, training=training, saliency=saliency)
        for label, training, saliency in columns
    }
    samples = next(iter(found.values())).samples
    targets = samples.targets
    panels = []
    for target, group in ((0, "atheism"), (1, "Christianity")):
        row = int((targets == target).nonzero()[0])
        there = (samples.inputs[row] > 0) if in_post else torch.ones(len(words), dtype=torch.bool)
        values = {label: item.maps[row].tolist() for label, item in found.items()}
        names, values = _largest(words, values, there.tolist())
        panels.append(Ranked(f"a post on {group}", names, values))
    return ranked_plot(panels, path)


def _draw_rounds(results: Results, _store: Store, _data: Path, path: Path, *, dataset: Dataset) -> list[Path]:
    numbers, lines = Numbers(results), []
    places = [(float(count), dataset.name, f"another_explanation_{count}") for count in range(ROUNDS)]
    for metric in _METRICS.values():
        lines.append(line(metric, numbers, metric, places))
        lines += published_line(metric, results, metric, places)
    return lines_plot([LinePanel(dataset.name, "model", "mean, sd over seeds", lines)], path)


def _figure5(dataset: Dataset, seeds: int, samples: int, reason: str) -> Suite:
    own = entries(
        training="regular",
        recipe=NO_ANNOTATION,
        datasets=[dataset],
        architectures=[RRR_MLP],
        saliency=[GRADIENT_RRR, LIME_RRR],
    )
    columns = tuple((method.name, "regular", method.name) for method in (GRADIENT_RRR, LIME_RRR))
    named = partial(accuracies, "20newsgroups", {"A=0": "regular"}, _METRICS, name=dataset.name, reason=reason)
    return replace(
        _suite("rrr-figure5", "gradients and LIME on newsgroups", dataset, own, seeds, samples),
        published=(
            Published(title="ross2017right, section 3.2, the text", claims=partial(named, source="paper")),
            Published(title="ross2017right, the public notebook", claims=partial(named, source="notebook")),
        ),
        figures=(
            Figure(name="rrr_figure5", draw=partial(_draw_words, dataset=dataset, columns=columns, in_post=True)),
        ),
    )


def _round_claims(dataset: Dataset, reason: str) -> pd.DataFrame:
    settings = {f"fae_theta{count}_lambda1=250": f"another_explanation_{count}" for count in range(ROUNDS)}
    return accuracies("20newsgroups", settings, _METRICS, name=dataset.name, reason=reason)


def _figure10(dataset: Dataset, seeds: int, rounds: int, reason: str) -> Suite:
    own = [
        entry
        for count in range(rounds)
        for entry in entries(
            training=f"another_explanation_{count}",
            recipe=another(count),
            datasets=[dataset],
            architectures=[RRR_MLP],
            saliency=[GRADIENT_RRR],
        )
    ]
    columns = tuple((f"θ{count}", f"another_explanation_{count}", GRADIENT_RRR.name) for count in range(3))
    return replace(
        _suite("rrr-figure10", "find-another-explanation on newsgroups", dataset, own, seeds, 100),
        published=(
            Published(
                title="ross2017right, figure 10, read off the plot ±0.01",
                claims=partial(_round_claims, dataset, reason),
            ),
        ),
        figures=(
            Figure(name="rrr_figure10", of_numbers=True, draw=partial(_draw_rounds, dataset=dataset)),
            Figure(
                name="rrr_figure10_words", draw=partial(_draw_words, dataset=dataset, columns=columns, in_post=False)
            ),
        ),
    )


SUITES = (
    replace(
        _figure5(NEWSGROUPS, 5, 100, ""),
        small=replace(_figure5(NEWSGROUPS_WORDS, 2, 20, _STAND_IN), obstacle=f"small scale: {_STAND_IN}"),
    ),
    replace(
        _figure10(NEWSGROUPS, 3, ROUNDS, ""),
        small=replace(
            _figure10(NEWSGROUPS_WORDS, 1, 4, _STAND_IN), obstacle=f"small scale: {_STAND_IN}; 4 of 8 rounds"
        ),
    ),
)
