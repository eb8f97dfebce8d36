from collections.abc import Callable

import pytest
import torch
from torch import nn

from salbench.datasets import Modality, Samples
from salbench.metrics import (
    COMPREHENSIVENESS_AOPC,
    SHARED,
    SUFFICIENCY_AOPC,
    Case,
    comprehensiveness,
    perturbation_curves,
    sufficiency,
)

CLEAN = torch.tensor([[0.2, 0.8]]).log()  # predicts class 1
PERTURBED = torch.tensor([[[0.2, 0.8]], [[0.4, 0.6]], [[0.6, 0.4]], [[0.9, 0.1]], [[0.9, 0.1]]]).log()


def test_mean_drop_of_the_predicted_class_over_the_bins() -> None:
    # drops 0, 0.2, 0.4, 0.7, 0.7: divided by 5, where the paper's |B| + 1 would give 2.0 / 6
    assert comprehensiveness(CLEAN, PERTURBED).item() == pytest.approx(2.0 / 5)
    assert sufficiency(CLEAN, PERTURBED).item() == pytest.approx(2.0 / 5)


def test_keeping_everything_is_sufficient() -> None:
    assert sufficiency(CLEAN, CLEAN.expand(5, 1, 2)).tolist() == [0.0]


def test_sufficiency_is_negative_where_the_rest_spoke_against_the_class() -> None:
    assert sufficiency(CLEAN, torch.tensor([[[0.0, 1.0]]]).log()).item() == pytest.approx(-0.2)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(B, \*\(1, 2\)\), got \(1, 2\)"):
        comprehensiveness(CLEAN, CLEAN)


def test_the_metrics_read_the_five_thresholds() -> None:
    inputs = torch.arange(100.0, 0, -1)[None] / 400  # the attribution is the value itself
    samples = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([7]), fill=torch.zeros_like(inputs))

    class Sum(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.stack([torch.zeros(len(inputs)), inputs.sum(dim=1)], dim=1)

    curves = perturbation_curves(Sum().eval(), samples, inputs, Modality.TABULAR)
    case = Case(samples=samples, attributions=inputs, modality=Modality.TABULAR, curves={SHARED: curves})
    tops = torch.tensor([inputs[0, :count].sum() for count in (1, 5, 10, 20, 50)])
    full = torch.sigmoid(inputs.sum())
    assert COMPREHENSIVENESS_AOPC.score(case).item() == pytest.approx(
        (full - torch.sigmoid(inputs.sum() - tops)).mean().item(), abs=1e-6
    )
    assert SUFFICIENCY_AOPC.score(case).item() == pytest.approx((full - torch.sigmoid(tops)).mean().item(), abs=1e-6)


def test_the_true_class_does_not_matter(make_case: Callable[..., Case], make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TEXT)
    other = Samples(inputs=samples.inputs, targets=(samples.targets + 1) % 3, ids=samples.ids, fill=samples.fill)
    for metric in (COMPREHENSIVENESS_AOPC, SUFFICIENCY_AOPC):
        first, second = (metric.score(make_case(Modality.TEXT, given)) for given in (samples, other))
        assert torch.equal(first, second)
