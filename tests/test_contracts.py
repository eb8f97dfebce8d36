"""What holds for every registered object, so that a new one is tested by being there."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from salbench.baselines.architectures import ARCHITECTURES, Architecture, check_logits
from salbench.baselines.architectures.mean_words import MeanWords
from salbench.baselines.models import same_in_both_modes
from salbench.baselines.saliency import ALL_METHODS, CONTROLS, METHODS, PUBLISHED, SaliencyMethod, attribute
from salbench.baselines.training import TrainingState
from salbench.benchmark.engines.measurement import measure
from salbench.benchmark.entry import Entry
from salbench.benchmark.registry import find_entries, suites
from salbench.benchmark.suite import Suite
from salbench.datasets import DATASETS, Dataset, Modality, Samples, Split
from salbench.metrics import METRICS, Case, Curves, Metric, Predictions
from salbench.metrics.base import Changed, Need
from salbench.metrics.limits import Limits
from salbench.results.references import reference_keys

LOCAL = [dataset for dataset in DATASETS if dataset.source is None]  # nothing to download
SHAPES = {Modality.IMAGE: (3, 9, 8), Modality.SERIES: (12, 5), Modality.TABULAR: (7,), Modality.TEXT: (11,)}


def named(things: Iterable[Dataset | Architecture | SaliencyMethod | Metric | Suite]) -> list[str]:
    return [thing.name for thing in things]


def some_samples(modality: Modality, count: int = 6) -> Samples:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand((count, *SHAPES[modality]), generator=generator)
    masks = torch.zeros_like(inputs, dtype=torch.bool)
    masks[..., :3] = True
    ids = torch.arange(count)
    fill = torch.zeros_like(inputs)
    removable = None
    if modality is Modality.TEXT:  # of several lengths, padded
        removable = torch.arange(11) < 11 - ids.unsqueeze(1)
        inputs = (3 + 997 * inputs).long() * removable
        fill = 1 * removable
    irrelevant = ~masks if removable is None else removable & ~masks
    targets = ids % 2
    return Samples(
        inputs=inputs, targets=targets, ids=ids, fill=fill, masks=masks, irrelevant=irrelevant, removable=removable
    )


def some_model(modality: Modality, *, convolution: bool = False) -> nn.Module:
    torch.manual_seed(0)
    outputs = 2
    if modality is Modality.TEXT:
        return MeanWords(outputs).eval()
    features = torch.zeros(SHAPES[modality]).numel()
    first = [nn.Conv2d(3, 3, 3, padding=1), nn.Tanh()] if convolution else []
    return nn.Sequential(*first, nn.Flatten(), nn.Linear(features, 8), nn.Tanh(), nn.Linear(8, outputs)).eval()


@pytest.mark.parametrize(
    "group", [DATASETS, ARCHITECTURES, (*ALL_METHODS, *PUBLISHED, *CONTROLS), METRICS, tuple(suites().values())]
)
def test_names_are_given_once(group: tuple[Dataset | Metric, ...]) -> None:
    assert len(set(named(group))) == len(group)


def test_every_reference_is_in_the_bibliography() -> None:
    things: list[Dataset | Architecture | SaliencyMethod | Metric]
    things = [*DATASETS, *ARCHITECTURES, *ALL_METHODS, *PUBLISHED, *CONTROLS, *METRICS]
    recipes = {entry.training: entry.recipe for entry in find_entries().installed}
    used = {thing.name: thing.reference for thing in things} | {name: r.reference for name, r in recipes.items()}
    used |= {suite.name: suite.reference for suite in suites().values() if suite.reference}
    assert {name: key for name, key in used.items() if key not in reference_keys()} == {}


@pytest.mark.parametrize("dataset", LOCAL, ids=named(LOCAL))
def test_dataset_is_what_it_declares(dataset: Dataset, tmp_path: Path) -> None:
    train, test = (dataset.load(tmp_path, split) for split in Split)
    for samples in (train, test):
        assert samples.inputs.shape[1:] == dataset.shape
        assert samples.inputs.dtype == torch.float32
        assert samples.inputs.isfinite().all()
        assert samples.fill.isfinite().all()
        assert set(samples.targets.tolist()) == set(range(dataset.classes))
        assert (samples.masks is not None) == dataset.evidence
    assert dataset.counts == (len(train), len(test))
    assert not set(train.ids.tolist()) & set(test.ids.tolist())
    again = dataset.load(tmp_path, Split.TEST)
    assert torch.equal(again.inputs, test.inputs)
    assert torch.equal(again.fill, test.fill)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=named(ARCHITECTURES))
def test_architecture_returns_logits_and_hides_no_dropout(architecture: Architecture) -> None:
    for modality in architecture.modalities:
        samples = some_samples(modality)
        model = architecture.build(SHAPES[modality], 4)
        check_logits(model.eval()(samples.inputs), len(samples), 4)
        if same_in_both_modes(model):
            assert torch.equal(model.train()(samples.inputs), model.eval()(samples.inputs))


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=named(ARCHITECTURES))
def test_architecture_says_whether_it_has_a_convolution(architecture: Architecture) -> None:
    model = architecture.build(SHAPES[min(architecture.modalities)], 4)
    assert architecture.convolutional == any(isinstance(module, nn.Conv2d) for module in model.modules())


@pytest.mark.parametrize("method", [*ALL_METHODS, *CONTROLS], ids=named((*ALL_METHODS, *CONTROLS)))
def test_saliency_method_fits_every_modality_it_declares(method: SaliencyMethod) -> None:
    for modality in method.modalities & set(SHAPES):
        samples, model = some_samples(modality), some_model(modality, convolution=method.needs_convolution)
        maps = attribute(method, model, samples, seed=0)
        assert maps.shape == samples.inputs.shape
        assert not maps.requires_grad
        if not method.signed:
            assert (maps >= 0).all()
        backward = attribute(method, model, samples[torch.arange(5, -1, -1)], seed=0, chunk=4)
        assert torch.allclose(backward.flip(0), maps, rtol=1e-4, atol=1e-6)


def some_case(modality: Modality) -> Case:
    samples = some_samples(modality)
    generator = torch.Generator().manual_seed(1)
    return Case(
        samples=samples,
        attributions=torch.randn(samples.inputs.shape, generator=generator),
        modality=modality,
        curves={
            protocol: Curves(
                protocol=protocol,
                clean=torch.randn(6, 2, generator=generator),
                most=torch.randn(len(protocol.most), 6, 2, generator=generator),
                least=torch.randn(len(protocol.least), 6, 2, generator=generator),
            )
            for protocol in dict.fromkeys(protocol for metric in METRICS for protocol in metric.protocols)
        },
        predictions=Predictions(torch.randn(9, 2, generator=generator), torch.arange(9) % 2),
        model=some_model(modality),
        finetuned=some_model(modality),
        training=Predictions(torch.randn(9, 2, generator=generator), torch.arange(9) % 2),
        counterfactuals={
            shortcut: Changed(samples, Predictions(torch.randn(9, 2, generator=generator), torch.arange(9) % 2))
            for shortcut in dict.fromkeys(item for metric in METRICS for item in metric.counterfactuals)
        },
        limits=Limits(torch.full((6,), -0.5), torch.full((6,), 0.5)),
        retrained={
            retraining: {
                percent: Predictions(torch.randn(9, 2, generator=generator), torch.arange(9) % 2)
                for percent in (0, *retraining.percents)
            }
            for retraining in dict.fromkeys(item for metric in METRICS for item in metric.retrainings)
        },
        explain=lambda model, samples: attribute(METHODS[0], model, samples, seed=0),
    )


OF_THE_MODEL = [metric for metric in METRICS if Need.PREDICTIONS in metric.needs]


@pytest.mark.parametrize("metric", OF_THE_MODEL, ids=named(OF_THE_MODEL))
def test_score_hangs_on_the_other_samples_where_the_metric_says_so(metric: Metric) -> None:
    case = some_case(Modality.IMAGE)
    logits, targets = case.require_predictions()
    changed = metric.score(replace(case, predictions=Predictions(logits[:1].expand_as(logits), targets)))
    assert torch.equal(metric.score(case)[0], changed[0]) == metric.independent
    assert (measure(metric, case).scores is not None) == metric.independent


@pytest.mark.parametrize("metric", METRICS, ids=named(METRICS))
def test_metric_keeps_what_it_declares(metric: Metric) -> None:
    for modality in metric.modalities & set(SHAPES):
        case = some_case(modality)
        scores = metric.score(case)
        assert scores.ndim == 1
        defined = scores[~scores.isnan()]
        assert len(defined)
        assert defined.min() >= metric.bounds[0]
        assert defined.max() <= metric.bounds[1]
        if metric.curve is not None:
            columns = metric.curve(case)
            assert len({len(column) for column in columns.values()}) == 1


@pytest.mark.parametrize("metric", METRICS, ids=named(METRICS))
def test_metric_says_what_it_misses(metric: Metric) -> None:
    modality = next(modality for modality in SHAPES if modality in metric.modalities)
    samples = some_samples(modality)
    bare = Case(
        samples=Samples(inputs=samples.inputs, targets=samples.targets, ids=samples.ids, fill=samples.fill),
        attributions=samples.inputs,
        modality=modality,
    )
    obstacle = metric.obstacle(bare)
    wanted = [*metric.needs, *metric.counterfactuals]
    wanted += [item.name for item in metric.protocols] + [item.name for item in metric.retrainings]
    assert (obstacle is None) == (not wanted)
    for missing in wanted:
        assert obstacle is not None
        assert missing in obstacle


def models() -> list[Entry]:
    """One entry for each model on data that is at hand."""
    found = {entry.name.rpartition("/")[0]: entry for entry in find_entries().installed if entry.dataset in LOCAL}
    return list(found.values())


@pytest.mark.parametrize("entry", models(), ids=[entry.name.rpartition("/")[0] for entry in models()])
def test_recipe_gives_a_finite_loss_that_reaches_every_parameter(entry: Entry, tmp_path: Path) -> None:
    batch = entry.dataset.load(tmp_path, Split.TRAIN)[:4]
    torch.manual_seed(0)
    model = entry.architecture.build(entry.dataset.shape, entry.dataset.classes)
    state = TrainingState(generator=torch.Generator().manual_seed(0))
    entry.recipe.start(batch, state)
    loss = entry.recipe.loss(model.train(), batch, state)
    assert loss.shape == ()
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert model.training


@pytest.mark.parametrize("suite", suites().values(), ids=named(suites().values()))
def test_suite_asks_for_entries_that_exist(suite: Suite) -> None:
    chosen = [entry for entry in suite.entries or find_entries().installed if suite.asks_for(entry)]
    assert {entry.dataset.name for entry in chosen} == set(named(suite.datasets))
    assert {entry.architecture.name for entry in chosen} == set(named(suite.architectures))
    assert suite.controls


def test_every_training_method_is_given_the_same_budget() -> None:
    budgets: dict[tuple[str, str], set[str]] = {}
    for entry in find_entries().installed:
        budgets.setdefault((entry.dataset.name, entry.architecture.name), set()).add(str(entry.budget))
    assert {model: found for model, found in budgets.items() if len(found) > 1} == {}
