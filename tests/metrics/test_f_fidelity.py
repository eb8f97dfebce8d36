"""F-Fidelity: what is lost without random units of the relevant part, and without random units of the rest."""

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import normal, uniform
from salbench.metrics import f_fidelity

UNITS = 40


class SumOfFirst(nn.Module):
    """Says class 1 if more than `needed` of the first four units are ones."""

    def __init__(self, needed: float) -> None:
        super().__init__()
        self.needed = needed

    def forward(self, inputs: Tensor) -> Tensor:
        total = inputs[:, :4].sum(dim=1)
        return torch.stack([torch.full_like(total, self.needed), total], dim=1)


@pytest.fixture
def samples() -> Samples:
    inputs = torch.ones(30, UNITS)
    return Samples(
        inputs=inputs, targets=torch.ones(30).long(), ids=torch.arange(30), fill=torch.zeros(1).expand_as(inputs)
    )


def maps(first: float) -> Tensor:
    """Noise, but the first four units above all others (1), among them (0) or below them (-1)."""
    values = 1 + torch.rand(30, UNITS, generator=torch.Generator().manual_seed(0))
    values[:, :4] += first
    return values


def test_a_part_that_holds_all_evidence_is_missed_and_the_rest_is_not(samples: Samples) -> None:
    """At 10 % the part is the four units, of which two are removed at once, and three are needed."""
    plus, minus = f_fidelity(SumOfFirst(3.5).eval(), samples, maps(1.0), Modality.TABULAR)
    assert (minus == 0).all()
    assert plus.min() >= 1 / 9  # at least the smallest part
    assert plus.mean() > 0.3


@pytest.mark.parametrize(("rank", "inside"), [(0, 9), (1, 5), (2, 2), (3, 0)])
def test_both_losses_by_hand(rank: int, inside: int) -> None:
    """Of four units the relevant part has 1, 1, 1, 1, 2, 2, 2, 3, 3; here all of a part is removed, and one matters."""
    inputs = torch.eye(4)[rank : rank + 1]
    row = Samples(
        inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([0]), fill=torch.zeros(1).expand_as(inputs)
    )
    values = torch.tensor([[4.0, -3.0, 2.0, 1.0]])
    plus, minus = f_fidelity(
        SumOfFirst(0.5).eval(), row, values, Modality.TABULAR, removed_fraction=1.0, most_removed=1.0
    )
    assert plus.item() == pytest.approx(inside / 9)
    assert minus.item() == pytest.approx((9 - inside) / 9)


def test_equals_a_plain_loop() -> None:
    ids = torch.arange(5, 12)
    inputs = normal(ids, (9,), seed=0, purpose="f-fidelity test")
    maps = normal(ids, (9,), seed=1, purpose="f-fidelity test")
    rows = Samples(inputs=inputs, targets=torch.ones(7).long(), ids=ids, fill=torch.full_like(inputs, 0.25))
    plus, minus = f_fidelity(
        SumOfFirst(0.3).eval(), rows, maps, Modality.TABULAR, removed_fraction=0.6, most_removed=0.3
    )

    def right(row: Tensor) -> bool:
        return row[:4].sum().item() > 0.3

    for place in range(7):
        order = maps[place].abs().argsort(descending=True).tolist()
        lost: dict[str, list[int]] = {"relevant": [], "rest": []}
        for draw in range(3):
            draws = uniform(ids, (9,), seed=0, purpose=f"f-fidelity {draw}")[place].tolist()
            for percent in range(10, 100, 10):
                top = max(1, 9 * percent // 100)
                for name, part in (("relevant", order[:top]), ("rest", order[top:])):
                    count = max(1, int(min(0.6 * len(part), 0.3 * 9)))
                    gone = sorted(part, key=draws.__getitem__)[:count]
                    less = inputs[place].clone()
                    less[gone] = 0.25
                    lost[name].append(right(inputs[place]) - right(less))
        expected = [sum(values) / len(values) for values in lost.values()]
        assert [plus[place].item(), minus[place].item()] == pytest.approx(expected, abs=1e-6)


def test_oracle_above_random_above_inverted(samples: Samples) -> None:
    model = SumOfFirst(3.5).eval()
    scores = [f_fidelity(model, samples, maps(first), Modality.TABULAR) for first in (1.0, 0.0, -1.0)]
    plus, minus = ([score[place].mean().item() for score in scores] for place in (0, 1))
    assert plus[0] > plus[1] > plus[2]
    assert minus[0] < minus[1] < minus[2]


def test_a_model_that_needs_nothing_loses_nothing(samples: Samples) -> None:
    plus, minus = f_fidelity(SumOfFirst(-1.0).eval(), samples, maps(1.0), Modality.TABULAR)
    assert (plus == 0).all()
    assert (minus == 0).all()


def test_never_more_than_the_bound_is_removed(samples: Samples) -> None:
    least = []

    class Counting(SumOfFirst):
        def forward(self, inputs: Tensor) -> Tensor:
            least.append(inputs.sum(dim=1).min().item())
            return super().forward(inputs)

    f_fidelity(Counting(3.5).eval(), samples, maps(1.0), Modality.TABULAR)
    assert min(least) == UNITS - 4  # a tenth


def test_the_order_of_the_samples_does_not_matter(samples: Samples) -> None:
    model, back = SumOfFirst(3.5).eval(), torch.arange(29, -1, -1)
    plus, minus = f_fidelity(model, samples, maps(0.0), Modality.TABULAR)
    turned = f_fidelity(model, samples[back], maps(0.0)[back], Modality.TABULAR)
    assert torch.equal(turned.plus[back], plus)
    assert torch.equal(turned.minus[back], minus)


def test_a_fraction_out_of_range_is_refused(samples: Samples) -> None:
    with pytest.raises(ValueError, match=r"most_removed must lie in \(0, 1\], got 0"):
        f_fidelity(SumOfFirst(1.0).eval(), samples, maps(0.0), Modality.TABULAR, most_removed=0)
