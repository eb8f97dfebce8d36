"""Each penalty by hand, and on the inputs on which its published form breaks."""

from collections.abc import Callable
from math import log, sqrt

import pytest
import torch
from torch import Tensor

from salbench.baselines.training.penalties import (
    Consistency,
    Fidelity,
    InputGradient,
    Locality,
    Penalty,
    Smoothness,
    Symmetry,
)
from salbench.baselines.training.penalty import Explained, Form
from salbench.baselines.training.penalty_symmetry import MEASURING_ANGLES
from salbench.baselines.training.rotation import rotate
from salbench.datasets import Samples

FORMS: tuple[Form, ...] = ("published", "corrected")
WITH_FORMS: tuple[Callable[..., Penalty], ...] = (Consistency, Smoothness, Locality, Fidelity, Symmetry)
PENALTIES: list[Penalty] = [InputGradient(), *(penalty(form=form) for penalty in WITH_FORMS for form in FORMS)]


def explained(
    gradient: Tensor,
    *,
    inputs: Tensor | None = None,
    logits: Tensor | None = None,
    targets: list[int] | None = None,
    faded: Callable[[Tensor], Tensor] | None = None,
    explain: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Explained:
    """What a model would hand to a penalty; unless told otherwise one that is linear."""
    count = len(gradient)
    inputs = torch.rand(gradient.shape, generator=torch.Generator().manual_seed(1)) if inputs is None else inputs
    batch = Samples(
        inputs=inputs,
        targets=torch.tensor([0] * count if targets is None else targets),
        ids=torch.arange(count),
        fill=torch.zeros_like(inputs),
    )
    outputs = faded or (lambda other: torch.stack([(gradient * other).flatten(1).sum(dim=1)] * 2, dim=1) * signs)
    signs = torch.tensor([1.0, -1.0])
    return Explained(
        batch=batch,
        logits=outputs(inputs) if logits is None else logits,
        gradient=gradient,
        brightness=inputs,
        logits_at=outputs,
        logits_aside=outputs,
        explain=explain or (lambda logits, other: gradient),
        generator=torch.Generator().manual_seed(0),
    )


def test_gradient_by_hand() -> None:
    assert InputGradient().value(explained(torch.tensor([[1.0, -2.0], [0.0, 5.0]]))).item() == 2.0


class TestConsistency:
    INPUTS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    MAPS = torch.tensor([[-1.0, 3.0], [3.0, -1.0], [0.0, 1.0]])

    @pytest.mark.parametrize("form", FORMS)
    def test_mixed_precision_does_not_round_distances(self, form: Form) -> None:
        nearly = torch.rand(1, 6) + 0.02 * torch.rand(8, 6)
        batch = explained(torch.rand(8, 6), inputs=nearly)
        with torch.autocast("cpu", torch.bfloat16):
            mixed = Consistency(form=form).value(batch)
        assert torch.equal(mixed, Consistency(form=form).value(batch))

    def test_published_by_hand(self) -> None:
        """Rescaled, the maps are (0, 1), (1, 0), (0, 1); only the first and the second are predicted alike."""
        batch = explained(
            self.MAPS, inputs=self.INPUTS, logits=torch.tensor([[1.0, 0], [1, 0], [0, 1]]), targets=[0, 1, 0]
        )
        assert Consistency().value(batch).item() == pytest.approx(1 / 1 / 3)

    def test_published_sums_over_pairs(self) -> None:
        batch = explained(self.MAPS, inputs=self.INPUTS, logits=torch.zeros(3, 2))
        diagonal = 1 - 1 / sqrt(2)
        assert Consistency().value(batch).item() == pytest.approx((1 / 1 + 0 / diagonal + 1 / diagonal) / 3)

    def test_corrected_by_hand(self) -> None:
        """Signed maps of the first and the third sample, which share a true class."""
        batch = explained(
            self.MAPS, inputs=self.INPUTS, logits=torch.tensor([[1.0, 0], [1, 0], [0, 1]]), targets=[0, 1, 0]
        )
        expected = (1 - 3 / sqrt(10)) / (1 - 1 / sqrt(2))
        assert Consistency(form="corrected").value(batch).item() == pytest.approx(expected)

    def test_near_duplicates_weigh_no_more_than_the_least_distance(self) -> None:
        inputs = torch.tensor([[1.0, 0.0], [1.0, 0.01]])
        batch = explained(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), inputs=inputs)
        assert Consistency(form="corrected").value(batch).item() == pytest.approx(1 / 0.05)
        assert Consistency().value(batch).item() > 1000

    @pytest.mark.parametrize("form", FORMS)
    def test_identical_inputs_are_left_out(self, form: Form) -> None:
        inputs = torch.tensor([[1.0, 2.0], [1.0, 2.0]])
        batch = explained(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), inputs=inputs)
        assert Consistency(form=form).value(batch).item() == 0

    @pytest.mark.parametrize("form", FORMS)
    def test_no_pair_costs_nothing(self, form: Form) -> None:
        batch = explained(self.MAPS[:2], inputs=self.INPUTS[:2], logits=torch.eye(2), targets=[0, 1])
        assert Consistency(form=form).value(batch).item() == 0


class TestSmoothness:
    def test_published_by_hand(self) -> None:
        """Down: |1|, |2|, |3 - 1| in the one column; across: each pixel against a zero outside."""
        gradient = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 3, 1)
        assert Smoothness().value(explained(gradient)).item() == pytest.approx((1 + 2 + 2) / 3 + (1 + 2 + 3) / 3)

    def test_corrected_by_hand(self) -> None:
        gradient = torch.tensor([[1.0, 2.0], [4.0, 0.0]]).view(1, 1, 2, 2)
        expected = (3 + 2) / 2 + (1 + 4) / 2
        assert Smoothness(form="corrected").value(explained(gradient)).item() == pytest.approx(expected)

    def test_published_does_not_see_a_checkerboard(self) -> None:
        """Inside the image; this is why the other form exists."""
        board = (torch.arange(30)[:, None] + torch.arange(30)) % 2
        gradient = board.float().view(1, 1, 30, 30)
        inside = 30 * 28  # pixels that have one two before them
        assert Smoothness().value(explained(gradient)).item() == pytest.approx(2 * (900 - inside) / 2 / 900)
        assert Smoothness(form="corrected").value(explained(gradient)).item() == pytest.approx(2)

    @pytest.mark.parametrize("form", FORMS)
    def test_series_are_smoothed_over_time_only(self, form: Form) -> None:
        gradient = torch.tensor([[[1.0, -5.0], [1.0, -5.0], [1.0, -5.0], [1.0, -5.0]]])
        expected = {"published": 3 * 4 / 8, "corrected": 0.0}[form]
        assert Smoothness(form=form).value(explained(gradient)).item() == expected


class TestLocality:
    GRADIENT = torch.tensor([[[[-1.0, 3.0, 1.0]]]])
    INPUTS = torch.tensor([[[[0.0, 1.0, 0.25]]]])

    def test_published_by_hand(self) -> None:
        """Rescaled, the map is (0, 1, 1/2)."""
        expected = -(log(1.01) + log(1.01) + log(0.51)) / 3
        assert Locality().value(explained(self.GRADIENT, inputs=self.INPUTS)).item() == pytest.approx(expected)

    def test_corrected_by_hand(self) -> None:
        """Over its maximum, the map is (1/3, 1, 1/3)."""
        expected = -(log(2 / 3) + log(0.99) + 0.25 * log(1 / 3) + 0.75 * log(2 / 3)) / 3
        value = Locality(form="corrected").value(explained(self.GRADIENT, inputs=self.INPUTS))
        assert value.item() == pytest.approx(expected)

    @pytest.mark.parametrize("form", FORMS)
    def test_a_constant_map_is_left_out(self, form: Form) -> None:
        penalty = Locality(form=form)
        both = torch.cat([self.GRADIENT, torch.zeros_like(self.GRADIENT)])
        alone = penalty.value(explained(self.GRADIENT, inputs=self.INPUTS))
        assert penalty.value(explained(both, inputs=self.INPUTS.repeat(2, 1, 1, 1))).item() == alone.item()


class TestFidelity:
    INPUTS = torch.tensor([[2.0, 4.0, 6.0]])

    def test_published_by_hand(self) -> None:
        """The map is (0, 1/2, 1), so (2, 4, 6) fades to (2, 2, 0); the logits are the first two features."""
        batch = explained(torch.tensor([[-1.0, 0.0, 1.0]]), inputs=self.INPUTS, faded=lambda other: other[:, :2])
        expected = (2 * 2 + 4 * 2) / (sqrt(20) * sqrt(8)) - 0.1
        assert Fidelity().value(batch).item() == pytest.approx(expected)

    def test_corrected_by_hand(self) -> None:
        """The map is (1, 0, 1), so (2, 4, 6) fades to (0, 4, 0); centered logits are (-2, 0, 2) and (-4, 8, -4) / 3."""
        batch = explained(torch.tensor([[-1.0, 0.0, 1.0]]), inputs=self.INPUTS, faded=lambda other: other)
        assert Fidelity(form="corrected", margin=-1.0).value(batch).item() == pytest.approx(0 + 1)

    def test_a_reversed_prediction_costs_only_as_published(self) -> None:
        batch = explained(
            torch.tensor([[0.0, 1.0]]),
            inputs=torch.ones(1, 2),
            logits=torch.tensor([[1.0, -1.0]]),
            faded=lambda other: torch.tensor([[-1.0, 1.0]]),
        )
        assert Fidelity().value(batch).item() == pytest.approx(0.9)
        assert Fidelity(form="corrected").value(batch).item() == 0

    @pytest.mark.parametrize("form", FORMS)
    def test_a_constant_map_is_left_out(self, form: Form) -> None:
        penalty = Fidelity(form=form)
        inputs = self.INPUTS.repeat(2, 1)
        alone = explained(torch.tensor([[-1.0, 0.5, 1.0]]), inputs=self.INPUTS, faded=lambda other: other)
        both = explained(torch.tensor([[-1.0, 0.5, 1.0], [0, 0, 0]]), inputs=inputs, faded=lambda other: other)
        assert penalty.value(both).item() == pytest.approx(penalty.value(alone).item())

    def test_features_fade_to_their_fill(self) -> None:
        seen: list[Tensor] = []

        def watch(other: Tensor) -> Tensor:
            seen.append(other)
            return batch.logits

        batch = explained(torch.tensor([[-1.0, 0.0, 1.0]]), inputs=self.INPUTS)
        batch.batch.fill.fill_(10.0)
        watched = Explained(
            **{
                name: getattr(batch, name)
                for name in ("batch", "logits", "gradient", "brightness", "explain", "generator", "logits_aside")
            },
            logits_at=watch,
        )
        Fidelity().value(watched)
        assert seen[0].tolist() == [[2.0, 7.0, 10.0]]


class TestSymmetry:
    @pytest.mark.parametrize(("form", "expected"), [("published", 0.0), ("corrected", 2.0)])
    def test_only_the_corrected_form_sees_a_change_of_sign(self, form: Form, expected: float) -> None:
        gradient = torch.randn(2, 1, 9, 9, generator=torch.Generator().manual_seed(0))
        penalty = Symmetry(form=form, angles=(20.0,))
        batch = explained(gradient, explain=lambda logits, other: -rotate(gradient, 20.0))
        assert penalty.value(batch).item() == pytest.approx(expected, abs=1e-5)

    def test_the_corrected_form_looks_only_where_the_turned_map_is_known(self) -> None:
        gradient = torch.randn(2, 1, 9, 9, generator=torch.Generator().manual_seed(0))
        outside = rotate(torch.ones_like(gradient), 20.0) == 0
        batch = explained(gradient, explain=lambda logits, other: rotate(gradient, 20.0) + 9.0 * outside)
        assert Symmetry(form="corrected", angles=(20.0,)).value(batch).item() == pytest.approx(0, abs=1e-5)
        assert Symmetry(angles=(20.0,)).value(batch).item() > 0.1

    def test_published_by_hand(self) -> None:
        """A quarter turn of (1, 0 / 0, 0) is (0, 0 / 1, 0); found is (1, 0 / 1, 0)."""
        gradient = torch.tensor([[1.0, 0.0], [0.0, 0.0]]).view(1, 1, 2, 2)
        found = torch.tensor([[1.0, 0.0], [1.0, 0.0]]).view(1, 1, 2, 2)
        batch = explained(gradient, explain=lambda logits, other: found)
        assert Symmetry(angles=(90.0,)).value(batch).item() == pytest.approx(1 - 1 / sqrt(2))

    def test_the_angle_is_drawn_for_the_batch_by_the_generator(self) -> None:
        seen: list[Tensor] = []
        inputs = torch.rand(1, 1, 15, 15, generator=torch.Generator().manual_seed(0))

        def watch(logits: Tensor, other: Tensor) -> Tensor:
            seen.append(other)
            return other

        batch = explained(torch.ones_like(inputs), inputs=inputs, explain=watch)
        for _ in range(60):
            Symmetry(angles=MEASURING_ANGLES).value(batch)
        turned = {degrees: rotate(inputs, degrees) for degrees in MEASURING_ANGLES}
        drawn = [next(degrees for degrees in turned if torch.equal(turned[degrees], other)) for other in seen]
        assert set(drawn) == set(MEASURING_ANGLES)
        first = drawn[:10]
        batch.generator.manual_seed(0)
        seen.clear()
        for _ in range(10):
            Symmetry(angles=MEASURING_ANGLES).value(batch)
        assert all(torch.equal(other, turned[degrees]) for other, degrees in zip(seen, first, strict=True))

    def test_there_must_be_an_angle(self) -> None:
        with pytest.raises(ValueError, match="angles must hold at least one number"):
            Symmetry(angles=())


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
class TestEdges:
    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize("kind", ["random", "zero", "constant"])
    def test_value_and_slope_are_finite(self, penalty: Penalty, count: int, kind: str) -> None:
        gradient = {
            "random": torch.randn(count, 1, 6, 6, generator=torch.Generator().manual_seed(0)),
            "zero": torch.zeros(count, 1, 6, 6),
            "constant": torch.ones(count, 1, 6, 6),
        }[kind].requires_grad_()
        value = penalty.value(explained(gradient, inputs=torch.zeros(count, 1, 6, 6)))
        assert value.shape == ()
        assert value.isfinite()
        (slope,) = torch.autograd.grad(value + 0 * gradient.sum(), gradient)
        assert slope.isfinite().all()

    def test_the_weight_may_not_be_negative(self, penalty: Penalty) -> None:
        with pytest.raises(ValueError, match=r"weight must not be negative, got -1\.0"):
            type(penalty)(weight=-1.0)


def test_there_are_two_forms() -> None:
    with pytest.raises(ValueError, match=r"form must be one of .*'published', 'corrected'.* got 'fixed'"):
        Smoothness(form="fixed")  # type: ignore[arg-type]
