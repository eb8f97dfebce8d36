"""Right for the right reasons: its loss by hand, what changes it and what does not."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log
from typing import get_args

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from salbench.baselines.training import FineTuned, Recipe, TrainingState, fit
from salbench.baselines.training.right_reasons import (
    Form,
    Norm,
    PenalizedOutput,
    RightForRightReasons,
    penalized_output,
)
from salbench.datasets import Budget, Samples
from salbench.datasets.randomness import normal

BARE = RightForRightReasons(penalty_weight=10.0, parameter_weight=0.0)


def some_samples(shape: tuple[int, ...] = (2,), count: int = 6, irrelevant: Tensor | None = None) -> Samples:
    ids = torch.arange(count)
    inputs = normal(ids, shape, seed=0, purpose="right reasons test").double()
    masks = torch.zeros_like(inputs, dtype=torch.bool)
    masks[..., 0] = True
    chosen = masks if irrelevant is None else irrelevant.expand_as(inputs)
    return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros_like(inputs), irrelevant=chosen)


def logistic(weights: list[float]) -> nn.Linear:
    """Two logits, 0 and w·x, in float64."""
    model = nn.Linear(len(weights), 2, bias=False).double()
    model.weight.data = torch.tensor([[0.0] * len(weights), weights], dtype=torch.float64)
    return model


def perceptron(features: int = 2, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(features, 8), nn.Tanh(), nn.Linear(8, 3)).double()


def loss_of(recipe: RightForRightReasons, model: nn.Module, batch: Samples, training: Samples | None = None) -> Tensor:
    state = TrainingState(generator=torch.Generator().manual_seed(0))
    recipe.start(training or batch, state)
    return recipe.loss(model.train(), batch, state)


class TestByHand:
    """One sample x = (1, 2) of class 1, with w = (3, −1), so that w·x = 1 and p = 1 / (1 + e)."""

    sample = Samples(
        inputs=torch.tensor([[1.0, 2.0]], dtype=torch.float64),
        targets=torch.tensor([1]),
        ids=torch.tensor([0]),
        fill=torch.zeros(1, 2),
        irrelevant=torch.tensor([[True, False]]),
    )
    error = log(1 + exp(-1))
    other = 1 / (1 + exp(1))  # probability of class 0; the gradient of the log-probability of 1 is this times w

    def test_published(self) -> None:
        """log p0 + log p1 = w·x − 2 log(1 + exp(w·x)), whose gradient is (1 − 2 p1) w."""
        slope = (2 * self.other - 1) * 3
        loss = loss_of(BARE, logistic([3.0, -1.0]), self.sample)
        assert loss.item() == pytest.approx(self.error + 10 * slope**2)

    def test_parameters_are_squared_and_summed(self) -> None:
        recipe = RightForRightReasons(penalty_weight=0.0, parameter_weight=0.5)
        assert loss_of(recipe, logistic([3.0, -1.0]), self.sample).item() == pytest.approx(self.error + 0.5 * 10)

    def test_biases_are_parameters(self) -> None:
        model = nn.Linear(2, 2).double()
        model.weight.data.zero_()
        model.bias.data = torch.tensor([2.0, 2.0], dtype=torch.float64)
        recipe = RightForRightReasons(penalty_weight=0.0, parameter_weight=1.0)
        assert loss_of(recipe, model, self.sample).item() == pytest.approx(log(2) + 8)

    @pytest.mark.parametrize(
        ("output", "factor"),
        [
            ("log_probability", other),
            ("max_log_probability", other),
            ("probability", other * (1 - other)),
            ("max_probability", other * (1 - other)),
            ("sum_probability", 0.0),
            ("sum_log_probability", 2 * other - 1),
        ],
    )
    def test_outputs(self, output: PenalizedOutput, factor: float) -> None:
        loss = loss_of(replace(BARE, output=output), logistic([3.0, -1.0]), self.sample)
        assert loss.item() == pytest.approx(self.error + 10 * (factor * 3) ** 2)

    def test_l1_takes_magnitudes(self) -> None:
        loss = loss_of(replace(BARE, norm="l1"), logistic([-3.0, 2.0]), self.sample)  # w·x = 1 again
        assert loss.item() == pytest.approx(self.error + 10 * 3 * (1 - 2 * self.other))

    def test_standardized_multiplies_by_the_deviation_in_training(self) -> None:
        """The first feature is 1 and 5 in training, so its deviation is 2."""
        inputs = torch.tensor([[1.0, 2.0], [5.0, 8.0]], dtype=torch.float64)
        nowhere = torch.zeros_like(inputs, dtype=torch.bool)
        training = Samples(
            inputs=inputs, targets=torch.tensor([1, 0]), ids=torch.arange(2), fill=inputs, irrelevant=nowhere
        )
        loss = loss_of(replace(BARE, form="standardized"), logistic([3.0, -1.0]), self.sample, training)
        assert loss.item() == pytest.approx(self.error + 10 * (2 * (1 - 2 * self.other) * 3) ** 2)


def test_published_sums_and_normalized_averages() -> None:
    batch, model = some_samples(), perceptron()
    assert batch.irrelevant is not None
    parts = [loss_of(BARE, model, batch[torch.tensor([row])]) for row in range(6)]
    assert loss_of(BARE, model, batch).item() == pytest.approx(torch.stack(parts).sum().item())
    normalized = loss_of(replace(BARE, form="normalized"), model, batch).item()
    error = cross_entropy(model(batch.inputs), batch.targets, reduction="sum").item()
    penalty = loss_of(BARE, model, batch).item() - error
    assert normalized == pytest.approx(error / 6 + penalty / int(batch.irrelevant.sum()))


@pytest.mark.parametrize("form", get_args(Form))
@pytest.mark.parametrize("norm", get_args(Norm))
@pytest.mark.parametrize("output", ["sum_log_probability", "max_probability"])
def test_gradients_are_those_of_finite_differences(form: Form, norm: Norm, output: PenalizedOutput) -> None:
    recipe = RightForRightReasons(penalty_weight=3.0, parameter_weight=0.1, form=form, norm=norm, output=output)
    model, batch = perceptron(), some_samples(irrelevant=torch.tensor([True, False]))
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss_of(recipe, model, batch), parameters)
    step = 1e-6
    for parameter, gradient in zip(parameters, gradients, strict=True):
        with torch.no_grad():
            place = (0,) * parameter.ndim
            parameter[place] += step
            above = loss_of_enabled(recipe, model, batch)
            parameter[place] -= 2 * step
            below = loss_of_enabled(recipe, model, batch)
            parameter[place] += step
        assert gradient[place].item() == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-7)


def loss_of_enabled(recipe: RightForRightReasons, model: nn.Module, batch: Samples) -> float:
    with torch.enable_grad():
        return loss_of(recipe, model, batch).item()


class TestWithoutAnnotation:
    @pytest.mark.parametrize("form", get_args(Form))
    @pytest.mark.parametrize("missing", [True, False])
    def test_it_is_cross_entropy_exactly(self, form: Form, missing: bool) -> None:
        batch = some_samples(irrelevant=torch.tensor(False))
        batch = replace(batch, irrelevant=None) if missing else batch
        model = perceptron()
        reduction = "sum" if form == "published" else "mean"
        expected = cross_entropy(model(batch.inputs), batch.targets, reduction=reduction)
        assert torch.equal(loss_of(replace(BARE, form=form), model, batch), expected)

    def test_the_size_of_parameters_stays(self) -> None:
        batch, model = replace(some_samples(), irrelevant=None), perceptron()
        size = sum(parameter.detach().square().sum().item() for parameter in model.parameters())
        loss = loss_of(RightForRightReasons(parameter_weight=2.0), model, batch)
        error = cross_entropy(model(batch.inputs), batch.targets, reduction="sum").item()
        assert loss.item() == pytest.approx(error + 2 * size)

    def test_samples_without_one_add_nothing_to_the_penalty(self) -> None:
        batch, model = some_samples(), perceptron()
        assert batch.irrelevant is not None
        sparse = replace(batch, irrelevant=batch.irrelevant & (batch.ids == 2)[:, None])
        error = cross_entropy(model(batch.inputs), batch.targets, reduction="sum")
        alone = batch[torch.tensor([2])]
        penalty = loss_of(BARE, model, alone) - cross_entropy(model(alone.inputs), alone.targets)
        torch.testing.assert_close(loss_of(BARE, model, sparse), error + penalty)


class Rescaled(nn.Module):
    """A model that undoes a change of its inputs' scale."""

    def __init__(self, model: nn.Module, scale: Tensor) -> None:
        super().__init__()
        self.model, self.scale = model, scale

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.model(inputs / self.scale)
        return logits


class TestStandardized:
    recipe = RightForRightReasons(form="standardized", penalty_weight=5.0)

    def test_the_scale_of_each_feature_does_not_matter(self) -> None:
        batch, model = some_samples(irrelevant=torch.tensor(True)), perceptron()
        scale = torch.tensor([255.0, 0.01], dtype=torch.float64)
        scaled = replace(batch, inputs=batch.inputs * scale)
        changed = loss_of(self.recipe, Rescaled(model, scale), scaled)
        torch.testing.assert_close(changed, loss_of(self.recipe, model, batch))

    def test_the_published_form_does_depend_on_it(self) -> None:
        batch, model, scale = some_samples(), perceptron(), torch.tensor([255.0, 255.0], dtype=torch.float64)
        scaled = replace(batch, inputs=batch.inputs * scale)
        error = cross_entropy(model(batch.inputs), batch.targets, reduction="sum")
        penalty, small = (
            loss_of(BARE, some, samples) - error for some, samples in ((model, batch), (Rescaled(model, scale), scaled))
        )
        assert (penalty / small).item() == pytest.approx(65025)

    def test_the_batch_size_does_not_matter(self) -> None:
        batch, model = some_samples(), perceptron()
        double = batch[torch.arange(12) % 6]
        torch.testing.assert_close(loss_of(self.recipe, model, double), loss_of(self.recipe, model, batch))
        parts = [loss_of(self.recipe, model, batch[rows], batch) for rows in torch.arange(6).split(2)]
        torch.testing.assert_close(torch.stack(parts).mean(), loss_of(self.recipe, model, batch))

    def test_a_feature_that_never_varies_is_free(self) -> None:
        batch = some_samples(irrelevant=torch.tensor([True, False]))
        batch = replace(batch, inputs=batch.inputs * torch.tensor([0.0, 1.0]))
        bare = replace(self.recipe, parameter_weight=0.0)
        model = perceptron()
        expected = cross_entropy(model(batch.inputs), batch.targets)
        torch.testing.assert_close(loss_of(bare, model, batch), expected)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.MultiheadAttention(4, 2, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        mixed = self.layer(inputs, inputs, inputs, need_weights=False)[0]
        logits: Tensor = self.head(mixed.mean(dim=1))
        return logits


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(4, 3, batch_first=True)
        self.head = nn.Linear(3, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.head(self.layer(inputs)[0][:, -1])
        return logits


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 5)), nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(3, 2),
    )  # fmt: skip


@pytest.mark.parametrize("build", [Attention, Recurrent, convolutional])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_any_architecture_can_be_penalized(build: Callable[[], nn.Module], device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    torch.manual_seed(0)
    batch = some_samples((5, 4))
    batch = replace(batch, inputs=batch.inputs.float()).to(device)
    model = build().to(device)
    loss = loss_of(RightForRightReasons(penalty_weight=1.0), model, batch)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert model.training


def test_outputs_by_hand() -> None:
    logits = torch.tensor([[0.0, log(3.0)]])  # probabilities 1/4 and 3/4
    expected = {
        "sum_log_probability": log(3 / 16),
        "max_log_probability": log(3 / 4),
        "max_probability": 3 / 4,
        "sum_probability": 1.0,
        "log_probability": log(1 / 4),
        "probability": 1 / 4,
    }
    found = {name: penalized_output(logits, torch.tensor([0]), name).item() for name in get_args(PenalizedOutput)}
    assert found == pytest.approx(expected)


def mirrored(inputs: Tensor, generator: torch.Generator) -> Tensor:
    return torch.where(torch.rand((len(inputs), 1), generator=generator) < 0.5, inputs.flip(1), inputs)


class TestTraining:
    """Two features tell the class alike; the first must not matter."""

    sides = 2.0 * (torch.arange(40) % 2) - 1
    samples = Samples(
        inputs=torch.stack([2 * sides, sides], dim=1),
        targets=torch.arange(40) % 2,
        ids=torch.arange(40),
        fill=torch.zeros(40, 2),
        irrelevant=torch.tensor([True, False]).expand(40, 2),
    )
    budget = Budget(epochs=60, batch_size=20, learning_rate=0.05)

    @pytest.mark.parametrize("form", get_args(Form))
    def test_it_uses_the_feature_that_may_matter(self, form: Form) -> None:
        torch.manual_seed(0)
        model = nn.Linear(2, 2)
        recipe = RightForRightReasons(penalty_weight=10.0, form=form)
        fit(model, self.samples, recipe=recipe, budget=self.budget, seed=0)
        slopes = (model.weight[1] - model.weight[0]).abs()
        assert slopes[0] < 0.1 * slopes[1]
        assert torch.equal(model(self.samples.inputs).argmax(dim=1), self.samples.targets)

    @pytest.mark.parametrize("recipe", [RightForRightReasons(), FineTuned(then=RightForRightReasons())])
    def test_an_annotation_is_refused_where_its_inputs_move(self, recipe: Recipe) -> None:
        with pytest.raises(ValueError, match="annotation that stays with its inputs, got inputs that are augmented"):
            fit(nn.Linear(2, 2), self.samples, recipe=recipe, budget=self.budget, seed=0, augment=mirrored)

    @pytest.mark.parametrize(("annotated", "penalty_weight"), [(False, 10.0), (True, 0.0)])
    def test_inputs_may_move_where_no_annotation_is_read(self, annotated: bool, penalty_weight: float) -> None:
        samples = self.samples if annotated else replace(self.samples, irrelevant=None)
        recipe, budget = RightForRightReasons(penalty_weight=penalty_weight), replace(self.budget, epochs=1)
        assert fit(nn.Linear(2, 2), samples, recipe=recipe, budget=budget, seed=0, augment=mirrored)

    def test_a_weight_that_overflows_is_named_with_the_epoch(self) -> None:
        model = nn.Linear(2, 2)
        recipe = RightForRightReasons(penalty_weight=1e39)  # beyond float32
        with pytest.raises(FloatingPointError, match=r"in epoch 1 of 60; lower .*RightForRightReasons.*=1e\+39"):
            fit(model, self.samples, recipe=recipe, budget=self.budget, seed=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"penalty_weight": -1.0}, "penalty_weight must not be negative, got -1.0"),
        ({"parameter_weight": float("nan")}, "parameter_weight must not be negative, got nan"),
        ({"form": "mean"}, "form must be one of .*'standardized'.*, got 'mean'"),
        ({"norm": "l3"}, "norm must be one of .*, got 'l3'"),
        ({"output": "logit"}, "output must be one of .*, got 'logit'"),
    ],
)
def test_settings_are_checked(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RightForRightReasons(**settings)  # type: ignore[arg-type]
