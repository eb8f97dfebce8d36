import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Curves, perturbation_curves
from salbench.metrics.removal_count import removal_count


def test_refuses_what_cannot_be_ranked_or_compared() -> None:
    inputs, zeros = torch.ones(3, 4), torch.zeros(3, dtype=torch.int64)
    samples = Samples(inputs=inputs, targets=zeros, ids=torch.arange(3), fill=torch.zeros_like(inputs))
    model = nn.Identity().eval()
    faulty = samples.inputs.clone()
    faulty[1:, 2] = torch.nan
    with pytest.raises(ValueError, match="2 of 3 samples"):
        perturbation_curves(model, samples, faulty, Modality.TABULAR)
    with pytest.raises(ValueError, match=r"\(3, 2\).*\(3, 4\)"):
        perturbation_curves(model, samples, faulty[:, :2], Modality.TABULAR)
    with pytest.raises(ValueError, match="eval mode"):
        perturbation_curves(nn.Identity().train(), samples, samples.inputs, Modality.TABULAR)
    with pytest.raises(ValueError, match="got 0 and 3"):
        perturbation_curves(model, samples, samples.inputs, Modality.TABULAR, pairs=0)
    with pytest.raises(ValueError, match="and 0"):
        perturbation_curves(model, samples[:0], samples.inputs[:0], Modality.TABULAR)


def test_a_percent_off_the_grid_names_the_grid() -> None:
    curves = Curves(clean=torch.zeros(2, 3), most=torch.ones(11, 2, 3), least=torch.ones(11, 2, 3))
    assert torch.equal(curves.at(0, most_relevant_first=False), curves.clean)
    with pytest.raises(ValueError, match=r"\(1, 5, 10, .* 90\) \(most relevant first\), got 95"):
        curves.at(95, most_relevant_first=True)
    with pytest.raises(ValueError, match=r"\(10, .* 95, 99\) \(least relevant first\), got 5"):
        curves.at(5, most_relevant_first=False)


def test_curves_must_follow_the_grid() -> None:
    with pytest.raises(ValueError, match=r"least must have shape \(11, 2, 3\), got \(9, 2, 3\)"):
        Curves(clean=torch.zeros(2, 3), most=torch.ones(11, 2, 3), least=torch.ones(9, 2, 3))


def test_counts_are_exact_and_rounded_up() -> None:
    assert [removal_count(100, percent) for percent in (1, 29, 57, 90)] == [1, 29, 57, 90]
    assert [removal_count(784, percent) for percent in (1, 10, 50, 90)] == [8, 79, 392, 706]
    assert [removal_count(4, percent) for percent in (1, 30, 90, 99)] == [1, 2, 3, 3]


@given(st.integers(2, 10**6), st.integers(1, 99))
def test_at_least_one_unit_goes_and_one_stays(units: int, percent: int) -> None:
    count = removal_count(units, percent)
    assert 1 <= count <= units - 1
    assert count == units - 1 or 100 * (count - 1) < units * percent <= 100 * count
