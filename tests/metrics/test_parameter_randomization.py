from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import LSTM, TCN, Architecture
from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Metric
from salbench.metrics.parameter_randomization import (
    PARAMETER_RANDOMIZATION_CASCADING,
    PARAMETER_RANDOMIZATION_INDEPENDENT,
    parameter_randomization,
)

BOTH = (PARAMETER_RANDOMIZATION_CASCADING, PARAMETER_RANDOMIZATION_INDEPENDENT)
both = pytest.mark.parametrize("metric", BOTH, ids=lambda metric: metric.name)


class Signs(nn.Module):
    """One layer whose three weights can only trade places."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))


def weights(model: nn.Module, samples: Samples) -> Tensor:
    return model.get_parameter("weights").detach().expand_as(samples.inputs)


def input_itself(model: nn.Module, samples: Samples) -> Tensor:
    return samples.inputs


def explained(case: Case, explain: Callable[[nn.Module, Samples], Tensor]) -> Case:
    return replace(case, explain=explain, attributions=explain(case.require_model(), case.samples))


def test_similarity_by_hand() -> None:
    inputs, ids = torch.zeros(2, 3), torch.arange(2)
    samples, model = Samples(inputs=inputs, targets=ids, ids=ids, fill=inputs), Signs()
    orders = {}
    for seed in range(30):
        (similarity,) = parameter_randomization(
            model, samples, weights(model, samples), weights, Modality.TABULAR, cascading=True, seed=seed
        )
        orders[seed] = similarity.tolist()
    # the magnitudes 1, 2, 3 against their orders: 1, two of 1/2, two of -1/2, -1
    assert {tuple(value) for value in orders.values()} == {(1.0, 1.0), (0.5, 0.5), (-0.5, -0.5), (-1.0, -1.0)}


@both
def test_a_map_that_ignores_the_model_scores_exactly_one(
    metric: Metric, modality: Modality, make_case: Callable[..., Case]
) -> None:
    assert metric.score(explained(make_case(modality), input_itself)).tolist() == [1.0] * 6


@both
def test_gradients_of_a_trained_model_score_lower_than_a_map_of_the_input(metric: Metric) -> None:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(200, 20, generator=generator)
    targets, ids = (inputs[:, :3].sum(dim=1) > 0).long(), torch.arange(200)  # three features of twenty decide
    samples = Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs))
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 32), nn.Tanh(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    case = Case(samples=samples, attributions=inputs, modality=Modality.TABULAR, model=model.eval(), explain=gradients)
    score = metric.score(replace(case, attributions=gradients(model, samples))).mean()
    assert score < 0.6 < metric.score(explained(case, input_itself)).mean() == 1.0


def gradients(model: nn.Module, samples: Samples) -> Tensor:
    inputs = samples.inputs.detach().requires_grad_()
    return torch.autograd.grad(model(inputs).gather(1, samples.targets[:, None]).sum(), inputs)[0]


@both
def test_a_constant_map_and_one_unit_are_nan(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    assert metric.score(explained(case, lambda model, samples: torch.ones_like(samples.inputs))).isnan().all()
    inputs, ids = torch.ones(1, 1), torch.zeros(1, dtype=torch.int64)
    samples = Samples(inputs=inputs, targets=ids, ids=ids, fill=inputs)
    model = nn.Linear(1, 1)  # one sample, one unit, one class
    single = Case(samples=samples, attributions=inputs, modality=Modality.TABULAR, model=model, explain=gradients)
    assert metric.score(single).isnan().all()


def test_a_layer_with_a_constant_map_makes_the_mean_nan(make_case: Callable[..., Case]) -> None:
    case, calls = make_case(Modality.SERIES), 0

    def sometimes(model: nn.Module, samples: Samples) -> Tensor:
        nonlocal calls
        calls += 1
        maps = samples.inputs.clone()
        if calls == 2:
            maps[4] = 1.0
        return maps

    broken = replace(case, explain=sometimes, attributions=case.samples.inputs)
    scores = PARAMETER_RANDOMIZATION_CASCADING.score(broken)
    assert scores.isnan().tolist() == [False, False, False, False, True, False]
    assert PARAMETER_RANDOMIZATION_CASCADING.curve is not None
    assert PARAMETER_RANDOMIZATION_CASCADING.curve(broken) == {
        "layer from the top": [1.0, 2.0],
        "similarity": [1.0, 1.0],
    }


@both
def test_the_curve_averages_to_the_score_and_costs_no_map(metric: Metric, make_case: Callable[..., Case]) -> None:
    case, calls = make_case(Modality.IMAGE), 0
    explain = case.require_explain()

    def counted(model: nn.Module, samples: Samples) -> Tensor:
        nonlocal calls
        calls += 1
        return explain(model, samples)

    case = replace(case, explain=counted)
    score = metric.score(case).mean().item()
    assert metric.curve is not None
    similarity = metric.curve(case)["similarity"]
    assert sum(similarity) / len(similarity) == pytest.approx(score)
    assert calls == len(similarity) == 2


def test_the_first_copy_is_the_same_in_both(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.TABULAR)
    first, second = (metric.curve(case)["similarity"] for metric in BOTH if metric.curve is not None)
    assert first[0] == second[0]
    assert first[1] != second[1]


@both
def test_a_sample_scores_the_same_in_any_order_and_alone(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    scores, order = metric.score(case), torch.tensor([3, 0, 5, 1, 4, 2])
    shuffled = make_case(Modality.IMAGE, case.samples[order], case.attributions[order])
    torch.testing.assert_close(metric.score(shuffled), scores[order])
    alone = make_case(Modality.IMAGE, case.samples[2:3], case.attributions[2:3])
    torch.testing.assert_close(metric.score(alone), scores[2:3])


@both
@pytest.mark.parametrize("architecture", [TCN, LSTM], ids=lambda architecture: architecture.name)
def test_weight_normed_and_recurrent_models_change_their_maps(
    metric: Metric, architecture: Architecture, make_samples: Callable[..., Samples]
) -> None:
    samples = make_samples(Modality.SERIES, dtype=torch.float32)
    torch.manual_seed(0)
    model = architecture.build((6, 3), 3).eval()
    maps = gradients(model, samples)
    case = Case(samples=samples, attributions=maps, modality=Modality.SERIES, model=model, explain=gradients)
    assert metric.curve is not None
    similarity = metric.curve(case)["similarity"]
    assert all(value < 1.0 for value in similarity)
    assert torch.equal(gradients(model, samples), maps)
