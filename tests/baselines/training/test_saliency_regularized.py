"""Sums of penalties: their gradients, by which inputs they can be used, and what they do to a model's state."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from salbench.baselines.architectures import ARCHITECTURES, Architecture
from salbench.baselines.training import SaliencyRegularized, TrainingState
from salbench.baselines.training.penalties import (
    Consistency,
    Fidelity,
    InputGradient,
    Locality,
    Penalty,
    Smoothness,
    Symmetry,
)
from salbench.baselines.training.penalty import Form
from salbench.benchmark.identity import describe_recipe, digest
from salbench.datasets import DIGITS, Budget, Modality, Samples, Split

FORMS: tuple[Form, ...] = ("published", "corrected")
TURNED = partial(Symmetry, angles=(40.0, 60.0))  # small angles move no pixel of an image as small as those below
WITH_FORMS: tuple[Callable[..., Penalty], ...] = (Consistency, Smoothness, Locality, Fidelity, TURNED)
PENALTIES: list[Penalty] = [
    InputGradient(weight=2.0),
    *(penalty(form=form, weight=2.0) for penalty in WITH_FORMS for form in FORMS),
]
MARKED = [
    pytest.param(item, id=item.name, marks=[pytest.mark.slow] if item.name.startswith(("resnet", "vgg")) else [])
    for item in ARCHITECTURES
]
SHAPES = {Modality.IMAGE: (1, 9, 8), Modality.SERIES: (12, 5), Modality.TABULAR: (6,)}


def samples(shape: tuple[int, ...], *, count: int = 5) -> Samples:
    inputs = torch.rand(count, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    ids = torch.arange(count)
    return Samples(inputs=inputs, targets=ids % 3, ids=ids, fill=torch.zeros_like(inputs))


def loss_of(recipe: SaliencyRegularized, model: nn.Module, batch: Samples) -> Tensor:
    state = TrainingState(generator=torch.Generator().manual_seed(0))
    recipe.start(batch, state)
    return recipe.loss(model, batch, state)


def smooth_model(features: int) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(features, 4), nn.Tanh(), nn.Linear(4, 3)).double()


def slopes(function: Callable[[], float], parameter: nn.Parameter) -> Tensor:
    """Central differences of a function by each entry of a parameter that it reads."""
    flat, result = parameter.data.view(-1), torch.empty(parameter.numel(), dtype=torch.float64)
    for index in range(len(flat)):
        middle = flat[index].item()
        ends = []
        for step in (1e-6, -1e-6):
            flat[index] = middle + step
            ends.append(function())
        flat[index] = middle
        result[index] = (ends[0] - ends[1]) / 2e-6
    return result.view_as(parameter)


class TestLoss:
    @pytest.mark.parametrize("penalty", PENALTIES, ids=str)
    def test_its_gradient_is_that_of_finite_differences(self, penalty: Penalty) -> None:
        model, batch = smooth_model(16), samples((1, 4, 4))
        recipe = SaliencyRegularized(penalties=(penalty,))
        loss_of(recipe, model, batch).backward()
        for parameter in model.parameters():
            expected = slopes(lambda: loss_of(recipe, model, batch).item(), parameter)
            found = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)

    @pytest.mark.parametrize("penalty", PENALTIES, ids=str)
    def test_it_is_cross_entropy_and_something_more(self, penalty: Penalty) -> None:
        model, batch = smooth_model(72), samples((1, 9, 8))
        rest = loss_of(SaliencyRegularized(penalties=(penalty,)), model, batch) - cross_entropy(
            model(batch.inputs), batch.targets
        )
        assert abs(rest.item()) > 1e-6

    def test_penalties_add_up_by_their_weights(self) -> None:
        model, batch = smooth_model(72), samples((1, 9, 8))
        entropy = cross_entropy(model(batch.inputs), batch.targets)
        single = [
            loss_of(SaliencyRegularized(penalties=(penalty,)), model, batch) - entropy
            for penalty in (InputGradient(weight=1.0), Smoothness(weight=1.0))
        ]
        both = SaliencyRegularized(penalties=(InputGradient(weight=0.5), Smoothness(weight=3.0)))
        torch.testing.assert_close(loss_of(both, model, batch), entropy + 0.5 * single[0] + 3.0 * single[1])

    def test_the_gradient_penalty_of_a_line_by_hand(self) -> None:
        model = nn.Linear(2, 2, bias=False)
        model.weight.data = torch.tensor([[1.0, -3.0], [0.0, 5.0]])
        inputs = torch.zeros(2, 2)
        batch = Samples(inputs=inputs, targets=torch.tensor([0, 1]), ids=torch.arange(2), fill=inputs)
        loss = loss_of(SaliencyRegularized(penalties=(InputGradient(weight=0.1),)), model, batch)
        assert loss.item() == pytest.approx(torch.tensor(2.0).log().item() + 0.1 * (1 + 3 + 0 + 5) / 4)

    def test_a_penalty_lowers_what_it_penalizes(self) -> None:
        for penalty in PENALTIES:
            model, batch = smooth_model(72), samples((1, 9, 8), count=12)
            recipe = SaliencyRegularized(penalties=(penalty,))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            first = loss_of(recipe, model, batch).item()
            for _ in range(5):
                optimizer.zero_grad()
                loss_of(recipe, model, batch).backward()
                optimizer.step()
            assert loss_of(recipe, model, batch).item() < first

    def test_brightness_goes_by_the_range_of_the_training_samples(self) -> None:
        """Locality, the one that reads it, is the same for pixels and for normalized pixels."""
        model, batch = smooth_model(72), samples((1, 9, 8))
        normalized = Samples(
            inputs=(batch.inputs - 0.13) / 0.31, targets=batch.targets, ids=batch.ids, fill=(batch.fill - 0.13) / 0.31
        )
        fits_normalized = nn.Sequential(Affine(0.31, 0.13), model)
        recipe = SaliencyRegularized(penalties=(Locality(), Consistency(), Fidelity(), Symmetry()))
        torch.testing.assert_close(
            loss_of(recipe, fits_normalized, normalized), loss_of(recipe, model, batch), rtol=1e-6, atol=0
        )


class Affine(nn.Module):
    """Undoes a normalization."""

    def __init__(self, deviation: float, mean: float) -> None:
        super().__init__()
        self.deviation, self.mean = deviation, mean

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * self.deviation + self.mean


class TestUse:
    @pytest.mark.parametrize("architecture", MARKED)
    def test_every_architecture_can_be_differentiated_twice(self, architecture: Architecture) -> None:
        for modality in architecture.modalities & set(SHAPES):
            torch.manual_seed(0)
            shape = (1, 14, 12) if modality is Modality.IMAGE else SHAPES[modality]
            model = architecture.build(shape, 3).double().train()
            penalties = tuple(penalty for penalty in PENALTIES if modality in penalty.modalities)
            loss_of(SaliencyRegularized(penalties=penalties), model, samples(shape)).backward()
            assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())

    @pytest.mark.parametrize("modality", SHAPES)
    @pytest.mark.parametrize("penalty", PENALTIES, ids=str)
    def test_a_penalty_is_refused_where_it_means_nothing(self, penalty: Penalty, modality: Modality) -> None:
        shape = SHAPES[modality]
        model, recipe = smooth_model(torch.zeros(shape).numel()), SaliencyRegularized(penalties=(penalty,))
        if modality in penalty.modalities:
            assert loss_of(recipe, model, samples(shape)).isfinite()
        else:
            with pytest.raises(ValueError, match=f"{type(penalty).__name__} is for image.*, got {modality} inputs"):
                loss_of(recipe, model, samples(shape))

    def test_there_must_be_a_penalty(self) -> None:
        with pytest.raises(ValueError, match="at least one penalty"):
            SaliencyRegularized(penalties=())

    def test_weights_and_forms_enter_the_digest(self) -> None:
        recipes = [
            SaliencyRegularized(penalties=penalties)
            for penalties in (
                (Smoothness(),),
                (Smoothness(weight=0.2),),
                (Smoothness(form="corrected"),),
                (Smoothness(), InputGradient()),
                (Locality(),),
            )
        ]
        assert len({digest(describe_recipe(recipe, Budget(epochs=1))) for recipe in recipes}) == len(recipes)


class TestState:
    @pytest.mark.parametrize(
        ("penalty", "forwards"),
        [
            (Smoothness(), 1),
            (Fidelity(), 2),
            (Fidelity(form="corrected"), 1),
            (Symmetry(), 2),
            (Symmetry(form="corrected"), 1),
        ],
        ids=str,
    )
    def test_corrected_forms_keep_their_forwards_out_of_running_statistics(
        self, penalty: Penalty, forwards: int
    ) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(72, 3)).double()
        loss_of(SaliencyRegularized(penalties=(penalty,)), model, samples((1, 9, 8)))
        assert model.get_buffer("0.num_batches_tracked") == forwards

    @pytest.mark.parametrize("penalty", PENALTIES, ids=str)
    def test_the_model_stays_in_train_mode_and_the_batch_as_it_was(self, penalty: Penalty) -> None:
        model, batch = smooth_model(72), samples((1, 9, 8))
        before = batch.inputs.clone()
        loss_of(SaliencyRegularized(penalties=(penalty,)), model, batch)
        assert all(module.training for module in model.modules())
        assert all(parameter.grad is None for parameter in model.parameters())
        assert torch.equal(batch.inputs, before)
        assert not batch.inputs.requires_grad

    @pytest.mark.parametrize(
        ("penalties", "passes"), [((Smoothness(),), 6), ((Fidelity(),), 9), ((Fidelity(), Symmetry()), 13)], ids=str
    )
    def test_passes(self, penalties: tuple[Penalty, ...], passes: int) -> None:
        assert SaliencyRegularized(penalties=penalties).passes(nn.Identity()) == passes


def test_a_normal_batch_of_digits_works_in_single_precision(tmp_path: Path) -> None:
    batch = DIGITS.load(tmp_path, Split.TRAIN)[:50]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    loss = loss_of(SaliencyRegularized(penalties=tuple(PENALTIES)), model, batch)
    assert loss.isfinite()
