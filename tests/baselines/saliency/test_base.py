"""What a saliency method may not return."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.saliency import SaliencyMethod, attribute
from salbench.datasets import Samples

SAMPLES = Samples(
    inputs=torch.ones(5, 3), targets=torch.zeros(5, dtype=torch.int64), ids=torch.arange(5), fill=torch.zeros(5, 3)
)


def method(explain: Callable[[nn.Module, Samples, int], Tensor]) -> SaliencyMethod:
    return SaliencyMethod(
        name="mine", version=1, explain=explain, signed=True, description="under test", reference="none"
    )


def test_maps_of_all_chunks_are_joined_in_order() -> None:
    explain = method(lambda _model, samples, seed: samples.ids[:, None] + torch.full((len(samples), 3), float(seed)))
    maps = attribute(explain, nn.Identity(), SAMPLES, seed=10, chunk=2)
    assert maps.tolist() == [[10.0 + row] * 3 for row in range(5)]


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'mine' returned shape \(2,\) for inputs of shape \(2, 3\)"):
        attribute(method(lambda _model, samples, _seed: samples.inputs[:, 0]), nn.Identity(), SAMPLES, seed=0, chunk=2)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_samples_with_broken_maps_are_counted(value: float) -> None:
    def explain(_model: nn.Module, samples: Samples, _seed: int) -> Tensor:
        return torch.where(samples.ids[:, None] > 2, value, samples.inputs)

    with pytest.raises(ValueError, match="'mine' returned NaN or infinite values for 2 of 5 samples"):
        attribute(method(explain), nn.Identity(), SAMPLES, seed=0, chunk=2)


def test_another_type_is_refused() -> None:
    def explain(_model: nn.Module, samples: Samples, _seed: int) -> Tensor:
        return samples.inputs.numpy()  # type: ignore[return-value]

    with pytest.raises(TypeError, match="'mine' returned ndarray, not a tensor"):
        attribute(method(explain), nn.Identity(), SAMPLES, seed=0)


def test_a_method_may_write_to_its_own_samples_alone() -> None:
    def explain(_model: nn.Module, samples: Samples, _seed: int) -> Tensor:
        for tensor in (samples.inputs, samples.fill, samples.targets):
            tensor.add_(1)
        return samples.inputs

    assert attribute(method(explain), nn.Identity(), SAMPLES, seed=0, chunk=2).tolist() == [[2.0] * 3] * 5
    assert bool((SAMPLES.inputs == 1).all())
    assert not SAMPLES.fill.any()
    assert not SAMPLES.targets.any()


@pytest.mark.parametrize("change", ["parameter", "buffer"])
def test_a_method_that_changes_the_model_is_refused(change: str) -> None:
    model = nn.BatchNorm1d(3)

    def explain(network: nn.Module, samples: Samples, _seed: int) -> Tensor:
        with torch.no_grad():
            next(network.parameters() if change == "parameter" else network.buffers()).zero_()
        return samples.inputs

    with pytest.raises(ValueError, match=r"'mine' changes the model in place.*work on copy.deepcopy\(model\)"):
        attribute(method(explain), model, SAMPLES, seed=0)
