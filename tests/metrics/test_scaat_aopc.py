from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Curves, Fill, perturbation_curves
from salbench.metrics.scaat_aopc import (
    DRAWS,
    SCAAT_AOPC_GAP,
    SCAAT_AOPC_LERF,
    SCAAT_AOPC_MORF,
    scaat_aopc,
    scaat_aopc_gap,
)


def two_class_logits(probabilities: list[float]) -> Tensor:
    """Logits (S, 1, 2) in which class 1 has the given probabilities."""
    likely = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([(1 - likely).log(), likely.log()], dim=1).unsqueeze(1)


def test_mean_drop_by_hand_without_a_zero_at_the_start() -> None:
    clean = two_class_logits([0.9])[0]
    draws = tuple(
        Curves(
            protocol=DRAWS[0],
            clean=clean,
            most=two_class_logits([0.8] * 10 + [low] * 10),
            least=two_class_logits([0.9] * 19 + [0.7]),
        )
        for low in (0.3, 0.5)
    )
    targets = torch.tensor([1])
    # drops 0.1 ten times, then 0.6 ten times in one draw and 0.4 in the other
    assert scaat_aopc(draws, targets, most_relevant_first=True).item() == pytest.approx((0.1 + 0.5) / 2)
    assert scaat_aopc(draws, targets, most_relevant_first=False).item() == pytest.approx(0.2 / 20)
    assert scaat_aopc_gap(draws, targets).item() == pytest.approx(0.3 - 0.01)


def test_five_draws_of_uniform_noise_in_regions_of_two_pixels() -> None:
    assert [draw.draw for draw in DRAWS] == [0, 1, 2, 3, 4]
    assert len({draw.name for draw in DRAWS}) == 5
    for draw in DRAWS:
        assert (draw.fill, draw.region, draw.most, draw.least) == (Fill.UNIFORM, 2, draw.least, tuple(range(1, 21)))


def test_a_model_that_never_changes_has_no_area_and_one_region_no_gap() -> None:
    inputs = torch.rand(3, 1, 2, 2)  # one region, the same in both orders
    samples = Samples(inputs=inputs, targets=torch.zeros(3).long(), ids=torch.arange(3), fill=torch.zeros_like(inputs))
    for model in (nn.Flatten().eval(), nn.Sequential(nn.Flatten(), nn.Linear(4, 2)).eval()):
        draws = tuple(perturbation_curves(model, samples, inputs, Modality.IMAGE, protocol=draw) for draw in DRAWS)
        assert scaat_aopc_gap(draws, samples.targets).abs().max() < 1e-6
    linear = nn.Linear(4, 2)
    nn.init.zeros_(linear.weight)
    still = nn.Sequential(nn.Flatten(), linear).eval()
    draws = tuple(perturbation_curves(still, samples, inputs, Modality.IMAGE, protocol=draw) for draw in DRAWS)
    assert scaat_aopc(draws, samples.targets, most_relevant_first=True).tolist() == [0.0, 0.0, 0.0]


def test_the_gap_is_the_difference_of_the_two_metrics(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.IMAGE)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(60, 3)).double().eval()
    curves = {
        draw: perturbation_curves(model, samples, samples.inputs, Modality.IMAGE, protocol=draw) for draw in DRAWS
    }
    case = Case(samples=samples, attributions=samples.inputs, modality=Modality.IMAGE, curves=curves)
    torch.testing.assert_close(SCAAT_AOPC_GAP.score(case), SCAAT_AOPC_MORF.score(case) - SCAAT_AOPC_LERF.score(case))
    assert len({curve.most.sum().item() for curve in curves.values()}) == 5  # the noise of each draw is another
