"""Several models trained at once: what is the same to the bit, how far rounding goes, and what is refused."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from salbench.baselines.architectures import LSTM, LSTM_ICA, MLP, SGT_CNN, TCN, TRANSFORMER, Architecture
from salbench.baselines.training import SCAAT, EpochSummary, Recipe, Regular, SaliencyGuided, TrainingState, fit
from salbench.baselines.training.model_stack import GlobalStream, ModelStack
from salbench.baselines.training.stacked import Fitted, fit_stacked
from salbench.datasets import Budget, Samples

SERIES = (6, 5)
BUDGET = Budget(epochs=2, batch_size=4, learning_rate=0.01)
RECIPES = [pytest.param(Regular(), id="regular"), pytest.param(SaliencyGuided(), id="saliency_guided")]
SHAPES = [
    pytest.param(MLP, (7,), id="mlp"),
    pytest.param(TCN, SERIES, id="tcn"),
    pytest.param(LSTM, SERIES, id="lstm"),
    pytest.param(LSTM_ICA, SERIES, id="lstm_ica"),
    pytest.param(TRANSFORMER, SERIES, id="transformer"),
    pytest.param(SGT_CNN, (1, 8, 8), id="sgt_cnn"),
]


def drawn(shape: tuple[int, ...], *, seed: int, count: int = 8, dtype: torch.dtype = torch.float64) -> Samples:
    inputs = torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed)).to(dtype)
    ids = torch.arange(count)
    return Samples(inputs=inputs, targets=(inputs.flatten(1)[:, 0] > 0).long(), ids=ids, fill=torch.zeros_like(inputs))


def built(architecture: Architecture, shape: tuple[int, ...], count: int, dtype: torch.dtype) -> list[nn.Module]:
    networks = []
    for seed in range(count):
        torch.manual_seed(seed)
        networks.append(architecture.build(shape, 2).to(dtype))
    return networks


def small(count: int = 3) -> list[nn.Module]:
    """Models with dropout whose products of one model and of several round alike."""
    networks: list[nn.Module] = []
    for seed in range(count):
        torch.manual_seed(seed)
        networks.append(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)).double())
    return networks


def alone_and_together(
    networks: list[nn.Module],
    samples: list[Samples],
    recipe: Recipe,
    budget: Budget = BUDGET,
    watched: list[Samples] | None = None,
) -> tuple[list[nn.Module], list[list[EpochSummary]], list[Fitted]]:
    """The models trained one after another, and their epochs; the given ones are trained at once."""
    alone = deepcopy(networks)
    epochs = [
        fit(model, part, recipe=recipe, budget=budget, seed=place, watched=None if watched is None else watched[place])
        for place, (model, part) in enumerate(zip(alone, samples, strict=True))
    ]
    seeds = range(len(networks))
    return alone, epochs, fit_stacked(networks, samples, recipe=recipe, budget=budget, seeds=seeds, watched=watched)


def distance(first: list[nn.Module], second: list[nn.Module]) -> float:
    """The largest difference of a weight."""
    pairs = [
        (left, right)
        for one, other in zip(first, second, strict=True)
        for left, right in zip(*map(weights, (one, other)), strict=True)
    ]
    return max(float((left - right).abs().max()) for left, right in pairs)


def weights(network: nn.Module) -> list[Tensor]:
    return list(network.state_dict().values())


class TestAgreement:
    @pytest.mark.parametrize("recipe", RECIPES)
    @pytest.mark.parametrize(("architecture", "shape"), SHAPES)
    def test_one_step_is_that_of_each_model_alone(
        self, architecture: Architecture, shape: tuple[int, ...], recipe: Recipe
    ) -> None:
        """With data, seed, dropout and noise of its own for each; float64, so that anything but rounding would show."""
        networks = built(architecture, shape, 2, torch.float64)
        before = deepcopy(networks)
        samples = [drawn(shape, seed=place) for place in range(2)]
        budget = Budget(epochs=1, batch_size=8, optimizer="sgd", learning_rate=0.1)
        alone, _, _ = alone_and_together(networks, samples, recipe, budget)
        assert distance(networks, alone) < 1e-10 < 1e-5 < distance(networks, before)

    @pytest.mark.parametrize("recipe", RECIPES)
    @pytest.mark.parametrize(("architecture", "shape"), SHAPES)
    def test_one_step_in_single_precision_differs_by_rounding(
        self, architecture: Architecture, shape: tuple[int, ...], recipe: Recipe
    ) -> None:
        networks = built(architecture, shape, 2, torch.float32)
        samples = [drawn(shape, seed=place, dtype=torch.float32) for place in range(2)]
        budget = Budget(epochs=1, batch_size=8, optimizer="sgd", learning_rate=0.1)
        alone, _, _ = alone_and_together(networks, samples, recipe, budget)
        assert distance(networks, alone) < 1e-6

    @pytest.mark.parametrize("recipe", RECIPES)
    @pytest.mark.parametrize(("optimizer", "momentum"), [("adam", 0.0), ("adadelta", 0.0), ("sgd", 0.9)])
    def test_every_optimizer_keeps_each_models_own_state(
        self, recipe: Recipe, optimizer: Literal["adam", "adadelta", "sgd"], momentum: float
    ) -> None:
        budget = Budget(
            epochs=5,
            batch_size=3,
            optimizer=optimizer,
            momentum=momentum,
            learning_rate=0.05,
            weight_decay=0.01,
            decay_at=(2,),
        )
        networks, samples = small(), [drawn((2,), seed=place, count=10) for place in range(3)]
        alone, epochs, fitted = alone_and_together(networks, samples, recipe, budget, watched=samples)
        assert distance(networks, alone) < 1e-10
        for one, other in zip(epochs, fitted, strict=True):
            assert isinstance(other, list)
            assert [summary.loss for summary in one] == pytest.approx([summary.loss for summary in other], abs=1e-6)
            assert [summary.accuracy for summary in one] == [summary.accuracy for summary in other]
            assert [summary.epoch for summary in other] == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        "recipe",
        [
            SaliencyGuided(ranking="absolute", mask_range="feature", masked_fraction=0.3),
            SaliencyGuided(output="probability", double_softmax=True, mask_range="channel"),
            Regular(double_softmax=True),
        ],
    )
    def test_every_setting_of_a_recipe_is_kept(self, recipe: Recipe) -> None:
        networks = built(TCN, SERIES, 2, torch.float64)
        alone, _, _ = alone_and_together(networks, [drawn(SERIES, seed=place) for place in range(2)], recipe)
        assert distance(networks, alone) < 1e-10

    def test_a_model_without_dropout_takes_its_map_from_the_clean_forward(self) -> None:
        networks = built(MLP, (7,), 2, torch.float64)
        alone, _, _ = alone_and_together(networks, [drawn((7,), seed=place) for place in range(2)], SaliencyGuided())
        assert distance(networks, alone) < 1e-10

    def test_its_company_does_not_matter(self) -> None:
        samples = [drawn((2,), seed=place, count=10) for place in range(3)]
        first, second = small(), small()
        fit_stacked(first, samples, recipe=SaliencyGuided(), budget=BUDGET, seeds=(0, 1, 2))
        fit_stacked(
            [second[2], second[0]], [samples[2], samples[0]], recipe=SaliencyGuided(), budget=BUDGET, seeds=(2, 0)
        )
        assert distance([first[0], first[2]], [second[0], second[2]]) < 1e-12

    def test_targets_are_each_models_own_where_inputs_are_shared(self) -> None:
        data = drawn((2,), seed=0, count=10)
        networks, samples = small(2), [data, replace(data, targets=1 - data.targets)]
        alone, _, _ = alone_and_together(networks, samples, Regular())
        assert distance(networks, alone) < 1e-10

    def test_the_order_of_the_inputs_in_memory_does_not_matter(self) -> None:
        data = drawn((3, 4), seed=0, count=10)
        data = replace(data, inputs=data.inputs.transpose(1, 2).contiguous().transpose(1, 2))
        networks: list[nn.Module] = [
            nn.Sequential(nn.Dropout(0.5), nn.Flatten(), nn.Linear(12, 2)).double() for _ in range(2)
        ]
        alone, _, _ = alone_and_together(networks, [data, data], Regular())
        assert distance(networks, alone) < 1e-10

    def test_augmentation_is_drawn_for_each_model(self) -> None:
        def jitter(inputs: Tensor, generator: torch.Generator) -> Tensor:
            return inputs + torch.rand(1, generator=generator, dtype=inputs.dtype)

        networks, data = small(2), drawn((2,), seed=0, count=10)
        alone = deepcopy(networks)
        for seed, model in enumerate(alone):
            fit(model, data, recipe=Regular(), budget=BUDGET, seed=seed, augment=jitter)
        fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1), augment=jitter)
        assert distance(networks, alone) < 1e-10

    def test_mixed_precision_learns_with_weights_in_single(self) -> None:
        networks = [model.float() for model in small(2)]
        data = drawn((2,), seed=0, count=20, dtype=torch.float32)
        budget = Budget(epochs=25, batch_size=5, learning_rate=0.03, precision="bfloat16")
        fit_stacked(networks, [data, data], recipe=SaliencyGuided(), budget=budget, seeds=(0, 1))
        for network in networks:
            assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
            assert (network(data.inputs).argmax(dim=1) == data.targets).float().mean() >= 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(Recipe):
    """Remembers the inputs of each batch, and a number from the recipe's own generator."""

    reference: ClassVar[str] = "none"

    alone: list[Tensor]
    together: list[Tensor]

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        self.alone.append(torch.cat([batch.inputs.flatten(), torch.rand(1, generator=state.generator).double()]))
        return cross_entropy(model(batch.inputs), batch.targets)

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        noise = torch.stack([torch.rand(1, generator=state.generator) for state in states])
        self.together.append(torch.cat([inputs.flatten(1), noise.double()], dim=1))
        logits = models(inputs)
        return torch.stack([cross_entropy(*pair) for pair in zip(logits, targets, strict=True)])


class TestEqualToTheBit:
    def test_batches_order_and_noise(self) -> None:
        recipe = Recording(alone=[], together=[])
        samples = [drawn((2,), seed=place, count=10) for place in range(3)]
        alone_and_together(small(), samples, recipe)
        steps = len(recipe.together)
        assert steps == 2 * 3  # epochs and batches
        for place in range(3):
            for step in range(steps):
                assert torch.equal(recipe.alone[place * steps + step], recipe.together[step][place])

    def test_dropout(self) -> None:
        layers = [nn.Sequential(nn.Dropout(0.4), nn.Identity(), nn.Dropout(0.2)) for _ in range(2)]
        inputs = torch.randn(2, 5, 3, dtype=torch.float64)
        states = [torch.Generator().manual_seed(seed).get_state() for seed in (7, 8)]
        with torch.random.fork_rng(devices=[]):
            stack = ModelStack(layers, [GlobalStream(torch.default_generator, state) for state in states])
            twice = [stack(inputs), stack(inputs)]
            for place, seed in enumerate((7, 8)):
                torch.manual_seed(seed)
                for outputs in twice:
                    assert torch.equal(outputs[place], dropout(dropout(inputs[place], 0.4), 0.2))

    def test_the_global_generator_is_left_as_it_was(self) -> None:
        networks, data = small(2), drawn((2,), seed=0)
        before = torch.get_rng_state()
        fit_stacked(networks, [data, data], recipe=SaliencyGuided(), budget=BUDGET, seeds=(0, 1))
        assert torch.equal(torch.get_rng_state(), before)


class TestEnds:
    @pytest.mark.parametrize("rule", [{"patience": 2}, {"stop_accuracy": 0.9}, {"stop_accuracy": 0.9, "patience": 3}])
    def test_each_model_stops_where_it_would_alone(self, rule: dict[str, float]) -> None:
        budget = replace(Budget(epochs=30, batch_size=5, learning_rate=0.02), **rule)  # type: ignore[arg-type]
        networks, samples = small(), [drawn((2,), seed=place, count=20) for place in range(3)]
        watched = [drawn((2,), seed=10 + place, count=20) for place in range(3)]
        alone, epochs, fitted = alone_and_together(networks, samples, Regular(), budget, watched)
        lengths = [len(item) for item in epochs]
        assert len(set(lengths)) > 1  # they leave the stack at different times
        assert [len(item) for item in fitted if isinstance(item, list)] == lengths
        assert distance(networks, alone) < 1e-10

    def test_a_model_that_diverges_leaves_the_others_alone(self) -> None:
        networks, samples = small(), [drawn((2,), seed=place, count=10) for place in range(3)]
        broken = replace(samples[1], inputs=samples[1].inputs * float("inf"))
        alone = deepcopy(networks)
        for place in (0, 2):
            fit(alone[place], samples[place], recipe=SaliencyGuided(), budget=BUDGET, seed=place)
        fitted = fit_stacked(
            networks, [samples[0], broken, samples[2]], recipe=SaliencyGuided(), budget=BUDGET, seeds=(0, 1, 2)
        )
        assert isinstance(fitted[1], FloatingPointError)
        assert "the loss became nan in epoch 1 of 2; lower the learning rate (0.01)" in str(fitted[1])
        assert distance([networks[0], networks[2]], [alone[0], alone[2]]) < 1e-10

    def test_the_models_are_left_in_eval_mode(self) -> None:
        networks, data = small(2), drawn((2,), seed=0)
        fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1))
        assert not any(module.training for network in networks for module in network.modules())

    def test_frozen_parameters_stay(self) -> None:
        networks, data = small(2), drawn((2,), seed=0)
        for network in networks:
            network.get_parameter("0.weight").requires_grad_(False)
        before = [network.get_parameter("0.weight").clone() for network in networks]
        fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1))
        after = [network.get_parameter("0.weight") for network in networks]
        assert all(map(torch.equal, before, after))

    def test_the_cost_of_a_step_is_shared_out(self) -> None:
        networks, data = small(2), drawn((2,), seed=0)
        fitted = fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1))
        assert isinstance(fitted[0], list)
        assert fitted[0][0].step_bytes
        assert fitted[0][1].step_bytes is None


class Doubled(SaliencyGuided):
    """Changes the loss, and says nothing of stacks."""

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        return 2 * super().loss(model, batch, state)


class Functional(nn.Module):
    """Drops out by a function, where no stack can tell the models apart."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        return dropout(self.linear(inputs), 0.5, self.training)


def last(lstm: nn.RNNBase) -> nn.Module:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = lstm

    return Last()


class TestRefusals:
    @pytest.mark.parametrize(
        ("network", "reason"),
        [
            (nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4)), r"BatchNorm1d \(1\) .* running statistics"),
            (last(nn.GRU(2, 3)), r"GRU \(recurrent\) .* only nn.LSTM is unrolled"),
            (last(nn.LSTM(2, 3, batch_first=True, bidirectional=True)), r"LSTM \(recurrent\) .* one direction"),
            (last(nn.LSTM(2, 3)), r"LSTM .* batch_first"),
            (nn.Sequential(nn.Linear(2, 2), nn.AlphaDropout(0.1)), r"AlphaDropout \(1\) .* does not multiply"),
            (nn.RReLU(), r"RReLU \(itself\)"),
        ],
    )
    def test_a_layer_that_would_compute_something_else(self, network: nn.Module, reason: str) -> None:
        data = drawn((2,), seed=0)
        with pytest.raises(ValueError, match=reason):
            fit_stacked([network], [data], recipe=Regular(), budget=BUDGET, seeds=(0,))

    def test_dropout_by_a_function(self) -> None:
        data = drawn((2,), seed=0)
        networks: list[nn.Module] = [Functional().double() for _ in range(2)]
        with pytest.raises(RuntimeError, match="random operation"):
            fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1))

    @pytest.mark.parametrize("recipe", [Doubled(), SCAAT()])
    def test_a_recipe_that_says_nothing_of_stacks(self, recipe: Recipe) -> None:
        assert not recipe.stackable
        with pytest.raises(ValueError, match=f"{type(recipe).__name__} cannot be trained in a stack"):
            fit_stacked(small(1), [drawn((2,), seed=0)], recipe=recipe, budget=BUDGET, seeds=(0,))

    def test_samples_of_two_shapes(self) -> None:
        samples = [drawn((2,), seed=0), drawn((2,), seed=1, count=9)]
        with pytest.raises(ValueError, match=r"one shape, got \[\(8, 2\), \(9, 2\)\]"):
            fit_stacked(small(2), samples, recipe=Regular(), budget=BUDGET, seeds=(0, 1))

    def test_counts_that_differ(self) -> None:
        with pytest.raises(ValueError, match=r"one network, set of samples and seed a model, got \(2, 1, 2\)"):
            fit_stacked(small(2), [drawn((2,), seed=0)], recipe=Regular(), budget=BUDGET, seeds=(0, 1))

    def test_networks_that_differ(self) -> None:
        data = drawn((2,), seed=0)
        networks = [*small(1), nn.Linear(2, 2).double()]
        with pytest.raises(ValueError, match="one architecture, got 2 that differ"):
            fit_stacked(networks, [data, data], recipe=Regular(), budget=BUDGET, seeds=(0, 1))

    def test_word_ids(self) -> None:
        data = drawn((2,), seed=0)
        words = replace(data, inputs=data.inputs.long())
        with pytest.raises(ValueError, match=r"floats, got torch\.int64"):
            fit_stacked(small(1), [words], recipe=Regular(), budget=BUDGET, seeds=(0,))

    def test_convolutions_in_mixed_precision_on_a_cpu(self) -> None:
        data = drawn(SERIES, seed=0, dtype=torch.float32)
        networks, budget = built(TCN, SERIES, 1, torch.float32), replace(BUDGET, precision="bfloat16")
        with pytest.raises(
            ValueError, match=r"convolutions in float32 alone, got precision 'bfloat16'; ask for float32"
        ):
            fit_stacked(networks, [data], recipe=Regular(), budget=budget, seeds=(0,))

    def test_a_stopping_rule_without_watched_samples(self) -> None:
        with pytest.raises(ValueError, match="watched samples"):
            fit_stacked(
                small(1), [drawn((2,), seed=0)], recipe=Regular(), budget=replace(BUDGET, patience=1), seeds=(0,)
            )

    @pytest.mark.parametrize("option", ["compiled", "channels_last"])
    def test_a_budget_that_asks_for_two_things(self, option: str) -> None:
        with pytest.raises(ValueError, match=f"cannot be {option}"):
            Budget(epochs=1, stacked=True, **{option: True})  # type: ignore[arg-type]
        budget = replace(BUDGET, **{option: True})  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="cannot be compiled"):
            fit_stacked(small(1), [drawn((2,), seed=0)], recipe=Regular(), budget=budget, seeds=(0,))
