from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from captum.metrics import sensitivity_max
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Metric
from salbench.metrics.sensitivity import (
    LOCAL_LIPSCHITZ,
    MAX_SENSITIVITY,
    local_lipschitz,
    map_changes,
    max_sensitivity,
    noisy_inputs,
)

MODEL = nn.Identity()


def table(*rows: list[float]) -> Samples:
    inputs = torch.tensor(rows, dtype=torch.float64)
    ids = torch.arange(len(rows))
    return Samples(inputs=inputs, targets=torch.zeros_like(ids), ids=ids, fill=torch.zeros_like(inputs))


def jumps_off(samples: Samples, here: list[float], elsewhere: list[float]) -> Callable[[nn.Module, Samples], Tensor]:
    """A saliency method that gives one map at the samples and another one anywhere near them."""

    def explain(model: nn.Module, asked: Samples) -> Tensor:
        same = (asked.inputs == samples.inputs).all(dim=1, keepdim=True)
        return torch.where(same, torch.tensor(here), torch.tensor(elsewhere)).double()

    return explain


def squares(model: nn.Module, samples: Samples) -> Tensor:
    return samples.inputs**2


def gradients(model: nn.Module, samples: Samples) -> Tensor:
    inputs = samples.inputs.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(model(inputs)[:, 0].sum(), inputs)[0]


def test_both_scores_by_hand() -> None:
    samples = table([0.0, 1.0])
    # from (3, 4) to (3, -1): by 5 of 5, and from the direction (0.6, 0.8) to (3, -1) / √10
    changes = map_changes(MODEL, samples, jumps_off(samples, [3.0, 4.0], [3.0, -1.0]))
    assert max_sensitivity(changes).tolist() == pytest.approx([1.0])
    turned = ((3 / 10**0.5 - 0.6) ** 2 + (-1 / 10**0.5 - 0.8) ** 2) ** 0.5
    nearest = min((noisy_inputs(samples, draw) - samples.inputs).norm().item() for draw in range(10))
    assert local_lipschitz(changes).item() == pytest.approx(turned / nearest)


def test_the_largest_of_the_draws_counts() -> None:
    changes = torch.tensor([[[0.1, 0.3, 0.2]], [[5.0, 4.0, 6.0]]])
    assert max_sensitivity(changes).item() == pytest.approx(0.3)
    assert local_lipschitz(changes).item() == 6.0


def test_noise_fills_the_cube_around_the_input_and_no_more() -> None:
    samples = table([-1.0, *[0.0] * 999, 3.0])
    noise = noisy_inputs(samples, 0, radius=0.05) - samples.inputs  # 5 % of a range of 4
    assert noise.abs().max().item() == pytest.approx(0.2, rel=0.02)
    assert noise.abs().max().item() <= 0.2
    assert noise.mean().item() == pytest.approx(0.0, abs=0.01)
    assert not torch.equal(noise, noisy_inputs(samples, 1, radius=0.05) - samples.inputs)


def test_a_map_of_zeros_is_nan() -> None:
    samples = table([0.0, 1.0])
    assert map_changes(MODEL, samples, jumps_off(samples, [0.0, 0.0], [1.0, 0.0])).isnan().all()


def test_a_noisy_map_of_zeros_has_changed_by_all_of_itself() -> None:
    samples = table([0.0, 1.0])
    changes = map_changes(MODEL, samples, jumps_off(samples, [0.0, 2.0], [0.0, 0.0]))
    distances = torch.stack([(noisy_inputs(samples, draw) - samples.inputs).norm() for draw in range(10)])
    assert changes[0].tolist() == [[1.0] * 10]
    torch.testing.assert_close(changes[1, 0], 1 / distances)


@pytest.mark.parametrize("row", [[2.0, 2.0], [5.0]], ids=["constant", "one unit"])
def test_an_input_without_range_is_nan(row: list[float]) -> None:
    assert map_changes(MODEL, table(row), squares).isnan().all()


def test_a_map_that_never_changes_scores_zero() -> None:
    changes = map_changes(MODEL, table([0.0, 1.0], [1.0, 3.0]), lambda model, samples: torch.ones_like(samples.inputs))
    assert max_sensitivity(changes).tolist() == local_lipschitz(changes).tolist() == [0.0, 0.0]


def test_equals_captum_on_the_same_perturbations(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    samples, model, explain = case.samples, case.require_model(), case.require_explain()
    noisy = torch.stack([noisy_inputs(samples, draw, radius=0.1, seed=3) for draw in range(10)], dim=1).flatten(0, 1)

    def explained(inputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor]:
        rows = inputs if isinstance(inputs, Tensor) else inputs[0]
        of = torch.arange(len(samples)).repeat_interleave(len(rows) // len(samples))
        with torch.enable_grad():
            return (explain(model, replace(samples[of], inputs=rows)),)

    expected = sensitivity_max(explained, samples.inputs, perturb_func=lambda inputs: noisy, n_perturb_samples=10)
    found = max_sensitivity(map_changes(model, samples, explain, radius=0.1, seed=3))
    assert (found > 0).all()
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("scale", [1e-30, 2.0**-40, 8.0])
def test_the_scale_of_the_maps_changes_nothing(scale: float) -> None:
    samples = table([0.0, 1.0, -2.0], [4.0, 1.0, 3.0])
    scaled = map_changes(MODEL, samples, lambda model, samples: scale * squares(model, samples))
    torch.testing.assert_close(scaled, map_changes(MODEL, samples, squares))


def test_the_scale_of_the_inputs_divides_the_lipschitz_constant_alone() -> None:
    samples, doubled = table([0.0, 1.0, -2.0]), table([0.0, 2.0, -4.0])
    changes, rescaled = map_changes(MODEL, samples, squares), map_changes(MODEL, doubled, squares)
    torch.testing.assert_close(max_sensitivity(rescaled), max_sensitivity(changes))
    torch.testing.assert_close(local_lipschitz(rescaled), local_lipschitz(changes) / 2)


def test_gradients_of_a_rugged_model_move_more_than_those_of_a_smooth_one() -> None:
    samples = table(*torch.randn(20, 4, generator=torch.Generator().manual_seed(0)).tolist())
    torch.manual_seed(0)
    first, last = nn.Linear(4, 16).double(), nn.Linear(16, 1).double()

    def scores(steepness: float) -> list[Tensor]:
        model = nn.Sequential(first, Steep(steepness), last)
        changes = map_changes(model, samples, gradients)
        return [max_sensitivity(changes).mean(), local_lipschitz(changes).mean()]

    straight, smooth, rugged = scores(0.0), scores(1.0), scores(20.0)
    for low, middle, high in zip(straight, smooth, rugged, strict=True):
        assert low == 0.0
        assert 0.0 < 3 * middle < high


class Steep(nn.Module):
    """A wave of the given steepness over a straight line."""

    def __init__(self, steepness: float) -> None:
        super().__init__()
        self.steepness = steepness

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs + torch.sin(self.steepness * inputs)


@pytest.mark.parametrize("metric", [MAX_SENSITIVITY, LOCAL_LIPSCHITZ], ids=lambda metric: metric.name)
def test_a_sample_scores_the_same_in_any_order_and_alone(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    scores = metric.score(case)
    assert (scores > 0).all()
    torch.testing.assert_close(metric.score(make_case(Modality.SERIES, case.samples[order])), scores[order])
    torch.testing.assert_close(metric.score(make_case(Modality.SERIES, case.samples[2:3])), scores[2:3])


def test_maps_are_computed_once_for_both_and_follow_the_seed(make_case: Callable[..., Case]) -> None:
    case, calls = make_case(Modality.IMAGE), 0
    explain = case.require_explain()

    def counted(model: nn.Module, samples: Samples) -> Tensor:
        nonlocal calls
        calls += 1
        return explain(model, samples)

    watched = replace(case, explain=counted)
    first = MAX_SENSITIVITY.score(watched)
    LOCAL_LIPSCHITZ.score(watched)
    assert calls == 11
    assert not torch.equal(first, MAX_SENSITIVITY.score(replace(case, seed=1)))


@pytest.mark.parametrize(("radius", "draws"), [(0.0, 10), (0.1, 0)])
def test_radius_and_draws_must_be_positive(radius: float, draws: int) -> None:
    with pytest.raises(ValueError, match=rf"got {radius} and {draws}"):
        map_changes(MODEL, table([0.0, 1.0]), squares, radius=radius, draws=draws)
