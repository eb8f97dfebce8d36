"""Metrics of maps read the removable units alone, as if the rest were not there."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import ENTROPY, METRICS, PNG_KILOBYTES, Case, Family, Metric, Need, Sign
from salbench.metrics.units import on_removable, without_tokens

OF_MAPS = [
    metric
    for metric in METRICS
    if Modality.TEXT in metric.modalities
    and metric.sign is not Sign.UNUSED
    and not metric.protocols
    and metric.needs <= {Need.MASKS, Need.IRRELEVANT}
]


def text_case(lengths: list[int], width: int) -> Case:
    generator = torch.Generator().manual_seed(0)
    count = len(lengths)
    removable = torch.arange(width) < torch.tensor(lengths).unsqueeze(1)
    maps = torch.randn(count, 12, generator=generator)[:, :width]
    masks = (torch.rand(count, 12, generator=generator) < 0.4)[:, :width] & removable
    masks[:, 0] = removable[:, 0]
    inputs = torch.randint(3, 9, (count, width), generator=generator) * removable
    samples = Samples(
        inputs=inputs,
        targets=torch.zeros(count, dtype=torch.int64),
        ids=torch.arange(count) + 5,
        fill=inputs,
        masks=masks,
        irrelevant=masks,
        removable=removable,
    )
    return Case(samples=samples, attributions=maps, modality=Modality.TEXT, seed=1)


def test_there_are_such_metrics() -> None:
    assert {metric.family for metric in OF_MAPS} >= {Family.LOCALIZATION, Family.COMPLEXITY}


@pytest.mark.parametrize("metric", OF_MAPS, ids=lambda metric: metric.name)
def test_padding_does_not_count(metric: Metric) -> None:
    """Each text scores what it scores alone, without its padding."""
    lengths = [12, 3, 7, 7, 12, 5]
    scores = metric.score(text_case(lengths, 12))
    for row, length in enumerate(lengths):
        whole = text_case(lengths, 12)
        alone = whole.samples[torch.tensor([row])]
        cut = {
            name: getattr(alone, name)[:, :length] for name in ("inputs", "fill", "masks", "irrelevant", "removable")
        }
        short = Case(
            samples=replace(
                alone,
                **cut,
            ),
            attributions=whole.attributions[row : row + 1, :length],
            modality=Modality.TEXT,
            seed=1,
        )
        bare = replace(short.samples, removable=None)
        bare_case = Case(samples=bare, attributions=short.attributions, modality=Modality.TEXT, seed=1)
        torch.testing.assert_close(metric.score(bare_case)[0], scores[row], equal_nan=True)


def test_nothing_removable_is_nan_and_others_are_not_disturbed() -> None:
    removable = torch.tensor([[True, False, True], [False, False, False], [False, True, False]])
    maps = torch.tensor([[1.0, 50.0, 2.0], [1.0, 1.0, 1.0], [9.0, 4.0, 9.0]])
    weights = torch.tensor([1.0, 2.0, 3.0])

    def score(maps: Tensor, weights: Tensor) -> Tensor:
        return maps.sum(dim=1) * weights

    scores = on_removable(score, removable, maps, weights)
    assert scores[[0, 2]].tolist() == [3.0, 12.0]
    assert scores[1].isnan()
    assert on_removable(score, torch.zeros_like(removable), maps, weights).isnan().all()
    assert on_removable(score, None, maps, weights).tolist() == [53.0, 6.0, 66.0]


def test_deleted_tokens_make_room_for_padding() -> None:
    tokens = torch.tensor([[5, 6, 7, 8, 0, 0], [5, 6, 7, 8, 9, 4]])
    removed = torch.tensor([[False, True, False, True, False, False], [True] * 6])
    assert without_tokens(tokens, removed).tolist() == [[5, 7, 0, 0, 0, 0], [0] * 6]


def test_metrics_that_do_not_suit_text_say_so(make_case: Callable[..., Case]) -> None:
    unsuited = {metric.name for metric in METRICS if Modality.TEXT not in metric.modalities}
    assert {"entropy", "infidelity", "sensitivity_n", "scaat_aopc_morf", "png_kilobytes"} <= unsuited
    suited = {metric.name for metric in METRICS} - unsuited
    assert {
        "accuracy_drop_area",
        "aopc_morf",
        "aup_diff_count",
        "comprehensiveness",
        "gini",
        "evidence_auroc",
    } <= suited


class Watching(nn.Module):
    """A linear model of inputs whose last places must stay 1; it remembers whether they ever were not."""

    def __init__(self, features: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(features, 3).double()
        self.changed = False

    def forward(self, inputs: Tensor) -> Tensor:
        self.changed |= bool((inputs[..., -2:] != 1).any())
        logits: Tensor = self.linear(inputs.flatten(1))
        return logits


REMOVING = [metric for metric in METRICS if metric.family is Family.FAITHFULNESS and not metric.protocols]


@pytest.mark.parametrize("kind", [Modality.IMAGE, Modality.SERIES, Modality.TABULAR])
def test_what_may_not_be_removed_stays_or_the_metric_refuses(
    kind: Modality, make_case: Callable[..., Case], make_samples: Callable[..., Samples]
) -> None:
    samples = make_samples(kind)
    removable = torch.ones_like(samples.inputs, dtype=torch.bool)
    removable[..., -2:] = False
    samples = replace(samples, inputs=samples.inputs.masked_fill(~removable, 1.0), removable=removable)
    model = Watching(samples.inputs[0].numel()).eval()
    case = make_case(kind, samples, model=model)
    wrong = []
    for metric in REMOVING:
        obstacle, model.changed = metric.obstacle(case), False
        if obstacle is None:
            metric.score(case)
        if model.changed or (obstacle is None and metric.retrainings):
            wrong.append(metric.name)
    assert wrong == []


def test_the_numbers_are_the_same_where_all_is_removable(
    modality: Modality, make_case: Callable[..., Case], make_samples: Callable[..., Samples]
) -> None:
    samples = make_samples(modality)
    whole = make_case(modality, samples)
    said = replace(whole, samples=replace(samples, removable=torch.ones_like(samples.inputs, dtype=torch.bool)))
    for metric in METRICS:
        if modality in metric.modalities:
            assert metric.obstacle(said) is None
            found, expected = metric.score(said), metric.score(whole)
            torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True, msg=metric.name)


def test_grey_levels_are_those_of_the_removable_cells() -> None:
    samples = Samples(
        inputs=torch.zeros(1, 3, 2),
        targets=torch.tensor([0]),
        ids=torch.tensor([0]),
        fill=torch.zeros(1, 3, 2),
        removable=torch.tensor([[[True, True], [True, True], [False, False]]]),
    )
    maps = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [0.0, 99.0]]])
    case = Case(samples=samples, attributions=maps, modality=Modality.SERIES)
    assert ENTROPY.score(case).tolist() == [2.0]  # four cells, four levels
    assert "may not be ranked" in str(PNG_KILOBYTES.obstacle(case))


def test_where_nothing_can_be_removed_scores_keep_their_shape() -> None:
    removable = torch.zeros(3, 4, dtype=torch.bool)
    maps = torch.rand(3, 4)
    one = on_removable(lambda values: values.sum(dim=1), removable, maps)
    many = on_removable(lambda values: values[:, :1].expand(-1, 9).double(), removable, maps)
    assert (one.shape, many.shape, many.dtype) == ((3,), (3, 9), torch.float64)
    assert one.isnan().all()
    assert many.isnan().all()
