"""Asking a model: never in training mode, in chunks that change nothing, and NaN logits that speak for no map."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, Case, Metric, f_fidelity, perturbation_curves
from salbench.metrics.accuracy import correctness, defined_correctness
from salbench.metrics.accuracy_drop import accuracy_drop_area
from salbench.metrics.base import Need
from salbench.metrics.forwards import outputs, rows_a_forward
from salbench.metrics.road import road_area
from salbench.metrics.subset_correlation import sensitivity_n

ASKING = [
    metric for metric in METRICS if metric.needs & {Need.MODEL, Need.FINETUNED} and Need.EXPLAIN not in metric.needs
]
COUNT, SIDE = 6, 10


class RightOn(nn.Module):
    """Says class 1 to inputs that it knows, and NaN to all others."""

    def __init__(self, known: Tensor) -> None:
        super().__init__()
        self.known = known

    def forward(self, inputs: Tensor) -> Tensor:
        known = (inputs[:, None] == self.known).flatten(2).all(dim=2).any(dim=1, keepdim=True)
        return torch.where(known, torch.tensor([0.0, 1.0]), torch.nan)


@pytest.fixture
def images() -> Samples:
    inputs = torch.rand(COUNT, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    targets = torch.ones(COUNT, dtype=torch.int64)
    return Samples(inputs=inputs, targets=targets, ids=torch.arange(COUNT), fill=torch.zeros_like(inputs))


def accuracy_drop(model: nn.Module, samples: Samples, maps: Tensor) -> Tensor:
    return accuracy_drop_area(perturbation_curves(model, samples, maps, Modality.IMAGE), samples.targets)


def kept(model: nn.Module, samples: Samples, maps: Tensor) -> Tensor:
    return f_fidelity(model, samples, maps, Modality.IMAGE).plus


def dropped(model: nn.Module, samples: Samples, maps: Tensor) -> Tensor:
    return f_fidelity(model, samples, maps, Modality.IMAGE).minus


def sensitivity(model: nn.Module, samples: Samples, maps: Tensor) -> Tensor:
    return sensitivity_n(model, samples, maps.flatten(1), Modality.IMAGE)


@pytest.mark.parametrize("score", [accuracy_drop, road_area, kept, dropped, sensitivity])
def test_undefined_answers_leave_the_score_undefined(score: Callable[..., Tensor], images: Samples) -> None:
    maps = torch.rand(images.inputs.shape, generator=torch.Generator().manual_seed(1))
    assert score(RightOn(images.inputs).eval(), images, maps).isnan().all()


def test_nan_is_wrong_for_a_model_and_undefined_for_a_map() -> None:
    logits, targets = torch.tensor([[2.0, 1.0], [torch.nan, 1.0], [1.0, 2.0]]), torch.tensor([0, 0, 0])
    assert correctness(logits, targets).tolist() == [1, 0, 0]
    assert defined_correctness(logits, targets)[[0, 2]].tolist() == [1, 0]
    assert defined_correctness(logits, targets).isnan().tolist() == [False, True, False]


@pytest.mark.parametrize("metric", ASKING, ids=[metric.name for metric in ASKING])
def test_a_model_in_training_mode_is_refused(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(min(metric.modalities))
    assert metric.obstacle(case) is None
    models = [model.train() for model in (case.model, case.finetuned) if model is not None]
    with pytest.raises(ValueError, match=r"must be in eval mode.*call model.eval\(\) first"):
        metric.score(case)
    for model in models:
        model.eval()
    assert len(metric.score(case))


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_chunks_change_nothing(chunk: int) -> None:
    model, inputs = nn.Linear(3, 2).eval(), torch.randn(9, 3, generator=torch.Generator().manual_seed(0))
    found = outputs(model, inputs, chunk)
    torch.testing.assert_close(found, model(inputs).detach())
    assert not found.is_inference()


@pytest.mark.parametrize(
    ("shape", "rows"), [((10,), 1024), ((3, 32, 32), 1024), ((3, 224, 224), 55), ((3, 4096, 4096), 1), ((), 1024)]
)
def test_of_large_inputs_fewer_are_taken_at_once(shape: tuple[int, ...], rows: int) -> None:
    assert rows_a_forward(torch.empty((2, *shape), device="meta")) == rows
