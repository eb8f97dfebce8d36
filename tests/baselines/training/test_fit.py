"""The training loop: what a seed decides, what it leaves behind, and when it stops."""

import pickle
from copy import deepcopy
from dataclasses import dataclass, field, replace
from math import exp, log
from typing import ClassVar, Literal

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from salbench.baselines.training import (
    SCAAT,
    AnotherExplanation,
    EpochSummary,
    FineTuned,
    Recipe,
    Regular,
    RightForRightReasons,
    SaliencyGuided,
    SaliencyRegularized,
    TrainingState,
    fit,
)
from salbench.baselines.training.penalties import InputGradient
from salbench.datasets import Budget, Samples

BUDGET = Budget(epochs=3, batch_size=4, learning_rate=0.01)
RECIPES = [
    pytest.param(Regular(), id="regular"),
    pytest.param(SaliencyGuided(), id="saliency_guided"),
]


@pytest.fixture
def samples() -> Samples:
    """Five points on the left of class 0 and five on the right of class 1; the second feature tells nothing."""
    sides = torch.tensor([-2.0, -1.8, -1.6, -1.4, -1.2, 1.2, 1.4, 1.6, 1.8, 2.0])
    inputs = torch.stack([sides, sides.abs() - 1.6], dim=1)
    return Samples(
        inputs=inputs,
        targets=(inputs[:, 0] > 0).long(),
        ids=torch.arange(100, 110),
        fill=torch.zeros_like(inputs),
    )


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))


def trained(model: nn.Module, samples: Samples, recipe: Recipe, *, seed: int, budget: Budget = BUDGET) -> list[Tensor]:
    """The weights of a copy of the model."""
    copy = deepcopy(model)
    fit(copy, samples, recipe=recipe, budget=budget, seed=seed)
    return [parameter.detach() for parameter in copy.parameters()]


def same(first: list[Tensor], second: list[Tensor]) -> bool:
    return all(map(torch.equal, first, second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting(Recipe):
    """Regular training that remembers how often it saw each sample, and in what order."""

    reference: ClassVar[str] = "none"

    order: list[int] = field(default_factory=list)
    memories: list[dict[str, Tensor]] = field(default_factory=list)

    def start(self, samples: Samples, state: TrainingState) -> None:
        state.memory["seen"] = torch.zeros(int(samples.ids.max()) + 1)
        self.memories.append(state.memory)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        state.memory["seen"][batch.ids] += 1
        self.order.extend(batch.ids.tolist())
        return cross_entropy(model(batch.inputs), batch.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverging(Recipe):
    """A loss that is infinite in the second epoch."""

    reference: ClassVar[str] = "none"

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        loss: Tensor = model(batch.inputs).sum() * (float("inf") if state.epoch == 2 else 0.0)
        return loss


class TestSeed:
    @pytest.mark.parametrize("recipe", RECIPES)
    def test_equal_seeds_give_equal_weights(self, model: nn.Module, samples: Samples, recipe: Recipe) -> None:
        first = trained(model, samples, recipe, seed=1)
        torch.manual_seed(99)  # what was drawn elsewhere does not matter
        assert same(first, trained(model, samples, recipe, seed=1))

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_another_seed_gives_others(self, model: nn.Module, samples: Samples, recipe: Recipe) -> None:
        assert not same(trained(model, samples, recipe, seed=1), trained(model, samples, recipe, seed=2))

    def test_it_decides_dropout(self, model: nn.Module, samples: Samples) -> None:
        fixed_order = replace(BUDGET, shuffle=False)
        weights = [trained(model, samples, Regular(), seed=seed, budget=fixed_order) for seed in (1, 2)]
        assert not same(*weights)

    def test_it_decides_the_noise_of_the_recipe(self, model: nn.Module, samples: Samples) -> None:
        model.get_submodule("2").p = 0.0  # type: ignore[assignment]
        fixed_order = replace(BUDGET, shuffle=False)
        weights = [trained(model, samples, SaliencyGuided(), seed=seed, budget=fixed_order) for seed in (1, 2)]
        assert not same(*weights)

    def test_it_decides_the_order(self, model: nn.Module, samples: Samples) -> None:
        recipes = [Counting(), Counting(), Counting()]
        for recipe, seed in zip(recipes, (1, 1, 2), strict=True):
            fit(model, samples, recipe=recipe, budget=BUDGET, seed=seed)
        assert recipes[0].order == recipes[1].order != recipes[2].order

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_the_global_generator_is_left_as_it_was(self, model: nn.Module, samples: Samples, recipe: Recipe) -> None:
        before = torch.get_rng_state()
        fit(model, samples, recipe=recipe, budget=BUDGET, seed=1)
        assert torch.equal(torch.get_rng_state(), before)


class TestOrder:
    def test_each_sample_is_seen_once_an_epoch(self, model: nn.Module, samples: Samples) -> None:
        recipe = Counting()
        fit(model, samples, recipe=recipe, budget=BUDGET, seed=0)
        (memory,) = recipe.memories
        assert memory["seen"].tolist() == [0.0] * 100 + [3.0] * 10
        epochs = [recipe.order[start : start + 10] for start in (0, 10, 20)]
        assert [sorted(epoch) for epoch in epochs] == [list(range(100, 110))] * 3
        assert epochs[0] != epochs[1] != epochs[2]

    def test_an_unshuffled_budget_keeps_the_order(self, model: nn.Module, samples: Samples) -> None:
        recipe = Counting()
        fit(model, samples, recipe=recipe, budget=replace(BUDGET, shuffle=False), seed=0)
        assert recipe.order == list(range(100, 110)) * 3

    def test_each_run_has_a_memory_of_its_own(self, model: nn.Module, samples: Samples) -> None:
        recipe = Counting()
        for seed in (0, 1):
            fit(model, samples, recipe=recipe, budget=BUDGET, seed=seed)
        assert [memory["seen"].sum() for memory in recipe.memories] == [30.0, 30.0]


class TestOutcome:
    @pytest.mark.parametrize("recipe", RECIPES)
    @pytest.mark.parametrize(("optimizer", "learning_rate"), [("adam", 0.03), ("adadelta", 10.0), ("sgd", 0.3)])
    def test_it_learns_what_a_line_separates(
        self,
        model: nn.Module,
        samples: Samples,
        recipe: Recipe,
        optimizer: Literal["adam", "adadelta", "sgd"],
        learning_rate: float,
    ) -> None:
        budget = Budget(epochs=15, batch_size=5, optimizer=optimizer, learning_rate=learning_rate)
        summaries = fit(model, samples, recipe=recipe, budget=budget, seed=0)
        assert summaries[-1].loss < summaries[0].loss
        assert torch.equal(model(samples.inputs).argmax(dim=1), samples.targets)

    def test_two_steps_by_hand(self) -> None:
        """With p as the share of the other class, the target's row moves by rate * p * x, and the other row back."""
        model = nn.Linear(2, 2, bias=False)
        nn.init.zeros_(model.weight)
        inputs = torch.tensor([[2.0, 4.0]]).repeat(3, 1)
        equal = Samples(inputs=inputs, targets=torch.tensor([1, 1, 1]), ids=torch.arange(3), fill=inputs)
        budget = Budget(epochs=2, optimizer="sgd", learning_rate=0.1)
        summaries = fit(model, equal, recipe=Regular(), budget=budget, seed=0)
        # The first step, at p = 1/2, leads to the weights -(0.1, 0.2) and (0.1, 0.2), so to the logits -1 and 1.
        moved = 0.1 * (1 / 2 + 1 / (1 + exp(2)))
        expected = torch.tensor([[-2 * moved, -4 * moved], [2 * moved, 4 * moved]])
        torch.testing.assert_close(model.weight.data, expected)
        assert [summary.loss for summary in summaries] == pytest.approx([log(2), log(1 + exp(-2))])

    def test_weight_decay_shrinks(self, model: nn.Module, samples: Samples) -> None:
        sizes = [
            sum(float(weights.norm()) for weights in trained(model, samples, Regular(), seed=0, budget=budget))
            for budget in (BUDGET, replace(BUDGET, weight_decay=10.0))
        ]
        assert sizes[1] < sizes[0]

    def test_the_learning_rate_falls_after_the_named_epochs(self) -> None:
        """Without a gradient but that of weight decay, each epoch multiplies the weight by 1 - rate * decay."""
        model = nn.Linear(1, 2, bias=False)
        nn.init.ones_(model.weight)
        nothing = torch.zeros(3, 1)
        still = Samples(inputs=nothing, targets=torch.tensor([1, 1, 1]), ids=torch.arange(3), fill=nothing)
        budget = Budget(epochs=3, optimizer="sgd", learning_rate=0.5, weight_decay=1.0, decay_at=(1,), decay=0.1)
        fit(model, still, recipe=Regular(), budget=budget, seed=0)
        torch.testing.assert_close(model.weight.data, torch.full((2, 1), 0.5 * 0.95 * 0.95))

    def test_momentum_carries_on(self) -> None:
        model = nn.Linear(1, 2, bias=False)
        nn.init.ones_(model.weight)
        nothing = torch.zeros(3, 1)
        still = Samples(inputs=nothing, targets=torch.tensor([1, 1, 1]), ids=torch.arange(3), fill=nothing)
        budget = Budget(epochs=2, optimizer="sgd", learning_rate=0.1, weight_decay=1.0, momentum=0.5)
        fit(model, still, recipe=Regular(), budget=budget, seed=0)
        # velocity 1, weight 0.9; velocity 0.5 + 0.9, weight 0.9 - 0.14
        torch.testing.assert_close(model.weight.data, torch.full((2, 1), 0.76))

    def test_watching_changes_nothing(self, model: nn.Module, samples: Samples) -> None:
        watched = deepcopy(model)
        summaries = fit(watched, samples, recipe=SaliencyGuided(), budget=BUDGET, seed=0, watched=samples)
        assert all(summary.accuracy is not None and 0 <= summary.accuracy <= 1 for summary in summaries)
        assert same([p.detach() for p in watched.parameters()], trained(model, samples, SaliencyGuided(), seed=0))

    def test_augmentation_changes_every_batch_by_the_seed(self, model: nn.Module, samples: Samples) -> None:
        seen: list[Tensor] = []

        def jitter(inputs: Tensor, generator: torch.Generator) -> Tensor:
            seen.append(torch.rand(1, generator=generator))
            return inputs + seen[-1]

        for seed in (1, 1, 2):
            fit(deepcopy(model), samples, recipe=Regular(), budget=BUDGET, seed=seed, augment=jitter)
        first, second, third = torch.cat(seen).chunk(3)
        assert torch.equal(first, second)
        assert not torch.equal(first, third)
        assert len(first.unique()) == len(first) == 9

    def test_a_recipe_sees_its_predecessors(self, model: nn.Module, samples: Samples) -> None:
        met: list[tuple[nn.Module, ...]] = []

        class Looking(Regular):
            def start(self, samples: Samples, state: TrainingState) -> None:
                met.append(state.predecessors)

        older = nn.Linear(2, 2)
        fit(model, samples, recipe=Looking(), budget=BUDGET, seed=0, predecessors=[older])
        assert met == [(older,)]

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_mixed_precision_learns_with_weights_in_single(
        self, model: nn.Module, samples: Samples, recipe: Recipe
    ) -> None:
        budget = Budget(epochs=15, batch_size=5, learning_rate=0.03, precision="bfloat16")
        fit(model, samples, recipe=recipe, budget=budget, seed=0)
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
        assert torch.equal(model(samples.inputs).argmax(dim=1), samples.targets)

    def test_the_memory_format_changes_nothing_but_rounding(self) -> None:
        images = torch.rand(12, 3, 8, 8, generator=torch.Generator().manual_seed(0))
        drawn = Samples(
            inputs=images, targets=torch.arange(12) % 2, ids=torch.arange(12), fill=torch.zeros_like(images)
        )
        torch.manual_seed(0)
        first = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
        second = deepcopy(first)
        budget = Budget(epochs=2, batch_size=4)
        fit(first, drawn, recipe=SaliencyGuided(), budget=budget, seed=0)
        fit(second, drawn, recipe=SaliencyGuided(), budget=replace(budget, channels_last=True), seed=0)
        for name, weights in first.state_dict().items():
            torch.testing.assert_close(second.state_dict()[name], weights, atol=1e-4, rtol=1e-3)
            assert second.state_dict()[name].is_contiguous()

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_the_order_of_the_inputs_in_memory_changes_nothing(self, recipe: Recipe) -> None:
        """Dropout would draw its noise in that order."""
        inputs = torch.rand(8, 3, 4, generator=torch.Generator().manual_seed(0))
        plain = Samples(inputs=inputs, targets=torch.arange(8) % 2, ids=torch.arange(8), fill=torch.zeros_like(inputs))
        permuted = replace(plain, inputs=inputs.transpose(1, 2).contiguous().transpose(1, 2))
        assert not permuted[torch.arange(4)].inputs.is_contiguous()
        model = nn.Sequential(nn.Dropout(0.5), nn.Flatten(), nn.Linear(12, 2))
        assert same(trained(model, plain, recipe, seed=0), trained(model, permuted, recipe, seed=0))

    def test_frozen_parameters_stay(self, model: nn.Module, samples: Samples) -> None:
        frozen = model.get_parameter("0.weight").requires_grad_(False)
        before = frozen.clone()
        fit(model, samples, recipe=SaliencyGuided(), budget=BUDGET, seed=0)
        assert torch.equal(frozen, before)

    def test_the_model_is_left_in_eval_mode(self, model: nn.Module, samples: Samples) -> None:
        fit(model, samples, recipe=Regular(), budget=BUDGET, seed=0)
        assert not any(module.training for module in model.modules())

    def test_epochs_are_reported_as_they_end(self, model: nn.Module, samples: Samples) -> None:
        reported: list[EpochSummary] = []
        summaries = fit(model, samples, recipe=Regular(), budget=BUDGET, seed=0, on_epoch=reported.append)
        assert reported == summaries
        assert [summary.epoch for summary in summaries] == [1, 2, 3]
        assert all(summary.seconds > 0 for summary in summaries)

    def test_an_infinite_loss_names_the_epoch(self, model: nn.Module, samples: Samples) -> None:
        reported: list[EpochSummary] = []
        with pytest.raises(FloatingPointError, match=r"in epoch 2 of 3; lower the learning rate \(0.01\)"):
            fit(model, samples, recipe=Diverging(), budget=BUDGET, seed=0, on_epoch=reported.append)
        assert [summary.epoch for summary in reported] == [1]


@pytest.mark.parametrize(
    "recipe",
    [
        SaliencyGuided(),
        SCAAT(),
        SaliencyRegularized(penalties=(InputGradient(),)),
        RightForRightReasons(),
        AnotherExplanation(after=AnotherExplanation()),
        FineTuned(),
    ],
    ids=lambda recipe: type(recipe).__name__,
)
def test_word_ids_are_refused_where_inputs_are_differentiated(recipe: Recipe) -> None:
    words = torch.tensor([[3, 4], [5, 0]])
    texts = Samples(inputs=words, targets=torch.tensor([0, 1]), ids=torch.arange(2), fill=words)
    model = nn.Sequential(nn.Embedding(6, 2), nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(ValueError, match=r"needs inputs of floats, got torch\.int64; train .* SaliencyGuidedWords"):
        fit(model, texts, recipe=recipe, budget=BUDGET, seed=0, predecessors=[model])


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_can_be_sent_to_a_worker(recipe: Recipe) -> None:
    assert pickle.loads(pickle.dumps(recipe)) == recipe
