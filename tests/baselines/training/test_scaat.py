"""SCAAT: its loss, how q moves, what it perturbs, and what a step costs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import log

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from salbench.baselines.training import SCAAT, TrainingState, fit
from salbench.baselines.training.divergences import half_jeffreys, jensen_shannon
from salbench.datasets import Budget, Samples


def samples(inputs: Tensor, targets: list[int], ids: list[int] | None = None) -> Samples:
    count = len(inputs)
    numbers = torch.arange(count) if ids is None else torch.tensor(ids)
    return Samples(inputs=inputs, targets=torch.tensor(targets), ids=numbers, fill=torch.zeros_like(inputs))


def started(recipe: SCAAT, batch: Samples, *, epoch: int = 2) -> TrainingState:
    state = TrainingState(generator=torch.Generator().manual_seed(0))
    recipe.start(batch, state)
    state.epoch = epoch
    return state


def seeded(shape: tuple[int, ...], seed: int = 5) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def batch() -> Samples:
    return samples(seeded((5, 4)), [0, 1, 2, 0, 1])


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


class TestLoss:
    @pytest.mark.parametrize("divergence", ["half_jeffreys", "jensen_shannon"])
    def test_its_gradient_flows_through_both_branches_but_not_through_the_noise(
        self, model: nn.Module, batch: Samples, divergence: str
    ) -> None:
        """Against finite differences of equation 8 with the perturbation held."""
        recipe = SCAAT(divergence_weight=3.0, radius=0.3, divergence=divergence)  # type: ignore[arg-type]
        leaf = batch.inputs.clone().requires_grad_()
        clean = model(leaf)
        log_probabilities = clean.log_softmax(dim=1).gather(1, batch.targets[:, None])
        (saliency,) = torch.autograd.grad(log_probabilities.sum(), leaf)
        halves = torch.full((5,), 0.5, dtype=torch.float64)
        allowed = recipe.irrelevant(saliency, halves)
        noise = recipe.craft(model, batch.inputs, allowed, clean.detach(), started(recipe, batch))
        compare = {"half_jeffreys": half_jeffreys, "jensen_shannon": jensen_shannon}[divergence]

        def formula(weights: dict[str, Tensor]) -> float:
            logits = functional_call(model, weights, batch.inputs)
            moved = functional_call(model, weights, batch.inputs + noise)
            return float(cross_entropy(logits, batch.targets) + 3.0 * compare(moved, logits).mean())

        loss = recipe.loss(model, batch, started(recipe, batch))
        loss.backward()
        assert loss.item() == pytest.approx(
            formula({name: weight.detach() for name, weight in model.named_parameters()})
        )
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None
            torch.testing.assert_close(parameter.grad, slopes(formula, model, name), rtol=1e-6, atol=1e-8)

    def test_value_by_hand(self) -> None:
        """The least salient of two features is pushed to the end of its box, either end being equally far."""
        model = nn.Linear(2, 2, bias=False)
        model.weight.data = torch.tensor([[3.0, 1.0], [0.0, 0.0]])
        batch = samples(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 4.0]]), [0, 0, 0])[:1]
        recipe = SCAAT(radius=0.1, divergence_weight=2.0, divergence="jensen_shannon")
        state = started(recipe, batch)
        state.memory["range"] = torch.tensor([[1.0, 4.0]])
        half_jeffreys_like = jensen_shannon(torch.tensor([[0.4, 0.0]]), torch.zeros(1, 2)).item()  # 0.1 * 4 * 1
        expected = log(2) + 2.0 * half_jeffreys_like
        assert recipe.loss(model, batch, state).item() == pytest.approx(expected)

    def test_without_divergence_it_is_cross_entropy(self, model: nn.Module, batch: Samples) -> None:
        recipe = SCAAT(divergence_weight=0.0)
        loss = recipe.loss(model, batch, started(recipe, batch))
        assert torch.equal(loss, cross_entropy(model(batch.inputs), batch.targets))


def slopes(function: Callable[[dict[str, Tensor]], float], model: nn.Module, name: str) -> Tensor:
    """Central differences of a function of the weights by each entry of one of them."""
    weights = {key: parameter.detach().clone() for key, parameter in model.named_parameters()}
    result = torch.empty_like(weights[name])
    for index in np.ndindex(*weights[name].shape):
        ends = []
        for step in (1e-5, -1e-5):
            moved = weights[name].clone()
            moved[index] += step
            ends.append(function({**weights, name: moved}))
        result[index] = (ends[0] - ends[1]) / 2e-5
    return result


class Scripted(nn.Module):
    """Two classes by the sign of a weighted sum."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 0.5]))

    def forward(self, inputs: Tensor) -> Tensor:
        score = inputs @ self.weight
        return torch.stack([score, -score], dim=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(SCAAT):
    """SCAAT that keeps its state to be looked at."""

    states: list[TrainingState] = field(default_factory=list)

    def start(self, samples: Samples, state: TrainingState) -> None:
        SCAAT.start(self, samples, state)
        self.states.append(state)


class TestProportion:
    @pytest.mark.parametrize(
        ("proportion", "correct", "after"),
        [
            (0.5, True, 0.55),
            (0.5, False, 0.45),
            (0.9, True, 0.9),
            (0.88, True, 0.9),
            (0.1, False, 0.1),
            (0.12, False, 0.1),
        ],
    )
    def test_algorithm_2(self, proportion: float, correct: bool, after: float) -> None:
        moved = SCAAT().moved(torch.tensor([proportion], dtype=torch.float64), torch.tensor([correct]))
        assert moved.item() == pytest.approx(after)

    def test_it_rises_where_the_perturbed_sample_is_right_and_falls_where_it_is_wrong(self) -> None:
        batch = samples(torch.tensor([[3.0, 0.0], [3.0, 1.0]]), [0, 1], ids=[70_000, 12])
        recipe = SCAAT(radius=0.01)
        state = started(recipe, batch)
        for _ in range(2):
            recipe.loss(Scripted(), batch, state)
        assert state.memory["ids"].tolist() == [12, 70_000]
        assert state.memory["q"].tolist() == pytest.approx([0.4, 0.6])

    def test_only_the_samples_of_the_batch_move(self) -> None:
        everything = samples(torch.tensor([[3.0, 0.0], [3.0, 1.0], [2.0, 1.0]]), [0, 0, 0], ids=[9, 5, 7])
        recipe = SCAAT(radius=0.01)
        state = started(recipe, everything)
        recipe.loss(Scripted(), everything[torch.tensor([2, 0])], state)
        assert dict(zip(state.memory["ids"].tolist(), state.memory["q"].tolist(), strict=True)) == pytest.approx(
            {5: 0.5, 7: 0.55, 9: 0.55}
        )

    @pytest.mark.parametrize(("epoch", "after"), [(1, 0.5), (3, 0.5), (4, 0.55)])
    def test_it_rests_while_warming_up(self, epoch: int, after: float) -> None:
        batch = samples(torch.tensor([[3.0, 0.0]]), [0])
        recipe = SCAAT(warm_up_epochs=3)
        state = started(recipe, batch, epoch=epoch)
        recipe.loss(Scripted(), batch, state)
        assert state.memory["q"].item() == pytest.approx(after)

    def test_a_fixed_proportion_rests_always(self) -> None:
        batch = samples(torch.tensor([[3.0, 0.0]]), [0])
        recipe = SCAAT(proportion_step=0.0, initial_proportion=0.7)
        state = started(recipe, batch)
        recipe.loss(Scripted(), batch, state)
        assert state.memory["q"].item() == 0.7

    def test_it_spreads_while_a_model_is_trained(self, model: nn.Module) -> None:
        inputs = seeded((40, 4))
        task = samples(inputs, (inputs[:, 0] > 0).long().tolist())
        recipe = Watched(radius=0.2)
        fit(model, task, recipe=recipe, budget=Budget(epochs=10, batch_size=10, learning_rate=0.01), seed=0)
        proportions = recipe.states[0].memory["q"]
        assert len(proportions.unique()) > 2
        assert proportions.min() >= 0.1
        assert proportions.max() <= 0.9


class TestIrrelevant:
    def test_it_is_what_lies_below_the_quantile_of_the_absolute_gradient(self) -> None:
        gradient, proportions = seeded((6, 5, 7)), torch.linspace(0, 1, 6, dtype=torch.float64)
        chosen = SCAAT().irrelevant(gradient, proportions)
        for row, q, found in zip(gradient.abs().numpy(), proportions.numpy(), chosen.numpy(), strict=True):
            assert np.array_equal(found, row < np.quantile(row, q))

    @pytest.mark.parametrize("region", [1, 2, 4])
    def test_regions_of_images_are_chosen_whole_and_in_all_channels(self, region: int) -> None:
        gradient = seeded((3, 2, 8, 8))
        chosen = SCAAT(region=region).irrelevant(gradient, torch.full((3,), 0.3, dtype=torch.float64))
        assert chosen.shape == (3, 1, 8, 8)
        scores = gradient.abs().mean(dim=1).view(3, 8 // region, region, 8 // region, region).mean(dim=(2, 4)).numpy()
        for image, found in zip(scores, chosen[:, 0].numpy(), strict=True):
            expected = np.kron(image < np.quantile(image, 0.3), np.ones((region, region), dtype=bool))
            assert np.array_equal(found, expected)

    def test_exact_zeros_leave_nothing_to_perturb_unless_counted(self) -> None:
        gradient = torch.tensor([[0.0, 0.0, 0.0, 3.0, -1.0]])
        half = torch.tensor([0.5], dtype=torch.float64)
        assert not SCAAT().irrelevant(gradient, half).any()
        assert SCAAT(selection="count").irrelevant(gradient, half).sum() == 2

    def test_regions_are_for_images(self) -> None:
        with pytest.raises(ValueError, match="region must be 1 for inputs that are not images, got 2"):
            started(SCAAT(region=2), samples(torch.zeros(2, 3, 4), [0, 1]))


class TestNoise:
    def test_it_stays_within_the_radius_and_on_the_irrelevant_features(self, model: nn.Module, batch: Samples) -> None:
        recipe = SCAAT(radius=0.25)
        seen: list[Tensor] = []
        with model.register_forward_pre_hook(lambda _model, inputs: seen.append(inputs[0].detach())):
            recipe.loss(model, batch, started(recipe, batch))
        noise = seen[-1] - batch.inputs
        widths = batch.inputs.amax(dim=0) - batch.inputs.amin(dim=0)
        assert (noise.abs() <= 0.25 * widths + 1e-12).all()
        assert (noise != 0).sum(dim=1).tolist() == [2] * 5  # ceil(0.5 * 3)

    def test_the_radius_is_a_share_of_each_channels_range(self) -> None:
        images = torch.stack([torch.zeros(2, 3, 3), torch.ones(2, 3, 3) * torch.tensor([1.0, 8.0]).view(2, 1, 1)])
        recipe, batch = SCAAT(radius=0.5), samples(images, [0, 1])
        bounds = recipe.bounds(images, torch.ones(2, 1, 3, 3, dtype=torch.bool), started(recipe, batch))
        assert bounds.amax(dim=(0, 2, 3)).tolist() == bounds.amin(dim=(0, 2, 3)).tolist() == [0.5, 4.0]

    def test_smoothed_selection_differs_and_is_decided_by_the_generator(self, model: nn.Module) -> None:
        batch = samples(seeded((20, 4)), [0, 1] * 10)
        recipe = SCAAT(smoothing_samples=8, smoothing_noise=0.5)
        maps = [r.explain(model, batch, started(r, batch), retain_graph=False)[1] for r in (recipe, recipe, SCAAT())]
        assert torch.equal(maps[0], maps[1])
        assert not torch.allclose(maps[0], maps[2])

    def test_smoothing_a_linear_function_changes_nothing(self, batch: Samples) -> None:
        model = nn.Linear(4, 3).double()
        maps = [
            recipe.explain(model, batch, started(recipe, batch), retain_graph=False)[1]
            for recipe in (SCAAT(output="logit"), SCAAT(output="logit", smoothing_samples=3))
        ]
        torch.testing.assert_close(*maps)


class Recorder(nn.Module):
    """Notes the mode of each forward; carries layers that it does not call."""

    def __init__(self, *unused: nn.Module) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
        self.unused = nn.ModuleList(unused)
        self.modes: list[bool] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.modes.append(self.training)
        logits: Tensor = self.layers(inputs)
        return logits


class TestPasses:
    @pytest.mark.parametrize("steps", [1, 4])
    def test_forwards_are_as_many_as_the_steps_and_two(self, batch: Samples, steps: int) -> None:
        model, recipe = Recorder(), SCAAT(steps=steps)
        recipe.loss(model, batch, started(recipe, batch))
        assert model.modes == [True] * (steps + 2)
        assert recipe.passes(model) == 7 + 2 * steps

    @pytest.mark.parametrize("steps", [1, 4])
    def test_and_one_more_where_the_mode_matters(self, batch: Samples, steps: int) -> None:
        model, recipe = Recorder(nn.Dropout()), SCAAT(steps=steps)
        recipe.loss(model, batch, started(recipe, batch))
        assert model.modes == [False] * (steps + 1) + [True] * 2
        assert recipe.passes(model) == 8 + 2 * steps

    @pytest.mark.parametrize("smoothing_samples", [0, 3])
    def test_the_saved_forward_changes_nothing(self, batch: Samples, smoothing_samples: int) -> None:
        recipe = SCAAT(radius=0.3, smoothing_samples=smoothing_samples)
        models = Recorder(), Recorder(nn.Dropout())
        losses = [recipe.loss(model, batch, started(recipe, batch)) for model in models]
        assert torch.equal(*losses)
        gradients = [torch.autograd.grad(loss, list(m.parameters())) for loss, m in zip(losses, models, strict=True)]
        assert all(map(torch.equal, *gradients))

    def test_crafting_leaves_running_statistics_alone(self, batch: Samples) -> None:
        """They take in the clean and the perturbed batch, and nothing else."""
        model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3)).double()
        for steps in (1, 7):
            before = int(model.get_buffer("0.num_batches_tracked"))
            recipe = SCAAT(steps=steps)
            recipe.loss(model, batch, started(recipe, batch))
            assert model.get_buffer("0.num_batches_tracked") - before == 2

    def test_craft_alone_changes_no_buffer(self, batch: Samples) -> None:
        model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3)).double().eval()
        before = {name: buffer.clone() for name, buffer in model.named_buffers()}
        recipe = SCAAT()
        everywhere = torch.ones(5, 4, dtype=torch.bool)
        recipe.craft(model, batch.inputs, everywhere, model(batch.inputs).detach(), started(recipe, batch))
        assert all(torch.equal(buffer, before[name]) for name, buffer in model.named_buffers())

    @pytest.mark.parametrize("unused", [(), (nn.Dropout(),)], ids=["short", "long"])
    def test_the_model_stays_in_train_mode_and_the_batch_as_it_was(
        self, batch: Samples, unused: tuple[nn.Module, ...]
    ) -> None:
        model, inputs, recipe = Recorder(*unused), batch.inputs.clone(), SCAAT()
        recipe.loss(model, batch, started(recipe, batch)).backward()
        assert all(module.training for module in model.modules())
        assert torch.equal(batch.inputs, inputs)
        assert not batch.inputs.requires_grad

    def test_the_generator_decides(self, batch: Samples) -> None:
        model, recipe = Recorder(), SCAAT(radius=0.3, step_length=0.1)
        first = recipe.loss(model, batch, started(recipe, batch))
        torch.manual_seed(99)
        assert torch.equal(first, recipe.loss(model, batch, started(recipe, batch)))
        other = started(recipe, batch)
        other.generator.manual_seed(1)
        assert not torch.equal(first, recipe.loss(model, batch, other))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"proportion_range": (0.6, 0.9)}, r"contain initial_proportion, got \(0.6, 0.9\) and 0.5"),
        ({"proportion_range": (0.1, 1.1)}, r"must lie in \[0, 1\] .*got \(0.1, 1.1\)"),
        ({"divergence_weight": -1.0}, "divergence_weight must not be negative, got -1.0"),
        ({"proportion_step": float("nan")}, "proportion_step .* got nan"),
        ({"radius": 0.0}, "radius must be positive, got 0.0"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"region": 0}, "region must be at least 1, got 0"),
        ({"divergence": "kl"}, "divergence must be one of .*'half_jeffreys', 'jensen_shannon'.* got 'kl'"),
        ({"selection": "ties"}, "selection must be one of .* got 'ties'"),
        ({"output": "softmax"}, "output must be one of .* got 'softmax'"),
    ],
)
def test_hyperparameters_outside_their_range_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SCAAT(), **change)  # type: ignore[arg-type]
