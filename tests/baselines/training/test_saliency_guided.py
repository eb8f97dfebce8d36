"""Saliency guided training: its loss, the gradient of its loss, what it masks, and what a step costs."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from salbench.baselines.cost import counted_passes
from salbench.baselines.training import SaliencyGuided, TrainingState
from salbench.datasets import Samples


def samples(inputs: Tensor, targets: list[int]) -> Samples:
    count = len(inputs)
    return Samples(inputs=inputs, targets=torch.tensor(targets), ids=torch.arange(count), fill=torch.zeros_like(inputs))


def noise_from(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def loss_of(recipe: SaliencyGuided, model: nn.Module, batch: Samples) -> Tensor:
    return recipe.loss(model, batch, TrainingState(generator=noise_from(0)))


class TestLoss:
    def test_value_by_hand(self) -> None:
        model = nn.Linear(2, 2, bias=False)
        model.weight.data = torch.tensor([[1.0, 0.0], [0.0, 2.0]])  # row c is the gradient of class c
        batch = samples(torch.tensor([[0.0, 1.0], [1.0, 0.0]]), targets=[0, 1])
        noise = torch.rand(2, 2, generator=noise_from(0)).tolist()  # both samples range from 0 to 1

        # Class 0 is lowest in feature 1, so (0, 1) becomes (0, u); class 1 in feature 0, so (1, 0) becomes (v, 0).
        entropies = [log(1 + exp(2)), log(1 + exp(1))]
        divergences = [divergence((0, 2), (0, 2 * noise[0][1])), divergence((1, 0), (noise[1][0], 0))]
        expected = sum(entropies) / 2 + 0.7 * sum(divergences) / 2
        loss = loss_of(SaliencyGuided(divergence_weight=0.7, masked_fraction=0.5), model, batch)
        assert loss.item() == pytest.approx(expected)

    def test_without_divergence_it_is_cross_entropy(self) -> None:
        torch.manual_seed(0)
        model, batch = nn.Linear(4, 3), samples(torch.randn(5, 4), targets=[0, 1, 2, 0, 1])
        loss = loss_of(SaliencyGuided(divergence_weight=0.0), model, batch)
        assert torch.equal(loss, cross_entropy(model(batch.inputs), batch.targets))

    def test_mixed_precision_compares_predictions_in_single(self) -> None:
        """Two predictions this close are less than nothing apart in bfloat16."""

        class Coarse(nn.Linear):
            def forward(self, inputs: Tensor) -> Tensor:
                return super().forward(inputs).bfloat16()

        torch.manual_seed(0)
        model, batch = Coarse(4, 10), samples(1 + 0.01 * torch.rand(50, 4), targets=[0] * 50)
        error, weighted = (
            loss_of(SaliencyGuided(divergence_weight=weight, masked_fraction=0.25), model, batch)
            for weight in (0.0, 1.0)
        )
        assert weighted > error

    def test_its_gradient_flows_through_the_clean_and_the_masked_branch(self) -> None:
        """Against finite differences of the published formula; a detached branch would leave out its part."""
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 3)).double()
        batch = samples(torch.randn(5, 4, dtype=torch.float64), targets=[0, 1, 2, 0, 1])
        recipe = SaliencyGuided(divergence_weight=3.0, output="logit")
        leaf = batch.inputs.clone().requires_grad_()
        (saliency,) = torch.autograd.grad(model(leaf).gather(1, batch.targets[:, None]).sum(), leaf)
        masked = recipe.mask(batch.inputs, saliency, noise_from(0))

        def formula(weights: dict[str, Tensor]) -> float:
            clean = functional_call(model, weights, batch.inputs).softmax(dim=1)
            other = functional_call(model, weights, masked).softmax(dim=1)
            entropy = -clean.gather(1, batch.targets[:, None]).log().mean()
            return float(entropy + 3.0 * (clean * (clean / other).log()).sum(dim=1).mean())

        loss_of(recipe, model, batch).backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None
            torch.testing.assert_close(parameter.grad, slopes(formula, model, name), rtol=1e-6, atol=1e-8)

    @pytest.mark.parametrize("output", ["log_odds", "logit", "log_probability", "probability"])
    def test_the_map_is_the_gradient_of_the_chosen_output(self, output: str) -> None:
        """One feature raises the true class's logit, the other lowers all others, so the outputs rank them apart."""
        model = nn.Linear(2, 3, bias=False)
        model.weight.data = torch.tensor([[1.0, 0.0], [0.0, -9.0], [0.0, -9.0]])
        inputs = torch.tensor([[0.01, 0.02]])
        seen = inputs_seen(SaliencyGuided(output=output), model, samples(inputs, targets=[0]))  # type: ignore[arg-type]
        changed = seen[-1] != inputs
        assert changed.tolist() == ([[False, True]] if output == "logit" else [[True, False]])


def divergence(clean: tuple[float, ...], masked: tuple[float, ...]) -> float:
    """KL(clean ‖ masked) of two rows of logits."""
    p = [exp(logit) / sum(map(exp, clean)) for logit in clean]
    q = [exp(logit) / sum(map(exp, masked)) for logit in masked]
    return sum(a * log(a / b) for a, b in zip(p, q, strict=True))


def slopes(function: Callable[[dict[str, Tensor]], float], model: nn.Module, name: str) -> Tensor:
    """Central differences of a function of the weights by each entry of one of them."""
    weights = {key: parameter.detach().clone() for key, parameter in model.named_parameters()}
    result = torch.empty_like(weights[name])
    for index in range(result.numel()):
        values = []
        for step in (1e-5, -1e-5):
            moved = weights[name].clone()
            moved.view(-1)[index] += step
            values.append(function(weights | {name: moved}))
        result.view(-1)[index] = (values[0] - values[1]) / 2e-5
    return result


def inputs_seen(recipe: SaliencyGuided, model: nn.Module, batch: Samples) -> list[Tensor]:
    """What one loss hands to the model, in order."""
    seen: list[Tensor] = []
    with model.register_forward_pre_hook(lambda _model, inputs: seen.append(inputs[0])):
        loss_of(recipe, model, batch)
    return seen


class TestMask:
    @pytest.mark.parametrize(("ranking", "lowest"), [("signed", {0, 3}), ("absolute", {1, 2})])
    def test_the_lowest_are_replaced_and_nothing_else(self, ranking: str, lowest: set[int]) -> None:
        inputs = torch.tensor([[10.0, 20.0, 30.0, 40.0, 50.0]])
        gradient = torch.tensor([[-3.0, 1.0, 0.5, -2.0, 4.0]])
        recipe = SaliencyGuided(masked_fraction=0.4, ranking=ranking)  # type: ignore[arg-type]
        changed = recipe.mask(inputs, gradient, noise_from(0)) != inputs
        assert set(changed[0].nonzero().flatten().tolist()) == lowest

    @pytest.mark.parametrize(
        ("fraction", "features", "count"),
        [(0.5, 5, 2), (0.01, 5, 1), (1.0, 5, 5), (0.57, 100, 57), (0.29, 100, 29), (0.999, 100, 99)],
    )
    def test_the_count_is_rounded_down_to_at_least_one(self, fraction: float, features: int, count: int) -> None:
        inputs = torch.arange(float(features)).repeat(3, 1)
        gradient = torch.randn(3, features, generator=noise_from(1))
        changed = SaliencyGuided(masked_fraction=fraction).mask(inputs, gradient, noise_from(0)) != inputs
        assert changed.sum(dim=1).tolist() == [count] * 3

    @pytest.mark.parametrize("ranking", ["signed", "absolute"])
    def test_ties_do_not_change_the_count(self, ranking: str) -> None:
        inputs = torch.arange(10.0)[None]
        recipe = SaliencyGuided(masked_fraction=0.3, ranking=ranking)  # type: ignore[arg-type]
        assert (recipe.mask(inputs, torch.zeros(1, 10), noise_from(0)) != inputs).sum() == 3

    def test_a_pixel_is_masked_with_all_its_channels_by_their_signed_mean(self) -> None:
        inputs = torch.rand(4, 3, 5, 4, generator=noise_from(1))
        gradient = torch.randn(4, 3, 5, 4, generator=noise_from(2))
        masked = SaliencyGuided(masked_fraction=0.25).mask(inputs, gradient, noise_from(0))
        lowest = gradient.mean(dim=1).flatten(1).argsort(dim=1)[:, :5]
        expected = torch.zeros(4, 20, dtype=torch.bool).scatter_(1, lowest, value=True).view(4, 1, 5, 4)
        assert torch.equal(masked != inputs, expected.expand(4, 3, 5, 4))

    def test_a_cell_of_a_series_is_masked_alone(self) -> None:
        inputs = torch.rand(4, 6, 5, generator=noise_from(1))
        gradient = torch.randn(4, 6, 5, generator=noise_from(2))
        masked = SaliencyGuided(masked_fraction=0.3).mask(inputs, gradient, noise_from(0))
        lowest = gradient.flatten(1).argsort(dim=1)[:, :9]
        expected = torch.zeros(4, 30, dtype=torch.bool).scatter_(1, lowest, value=True).view(4, 6, 5)
        assert torch.equal(masked != inputs, expected)

    @pytest.mark.parametrize(
        ("mask_range", "shape", "over"),
        [
            ("sample", (2, 3, 40, 40), (1, 2, 3)),
            ("sample", (2, 50, 40), (1, 2)),
            ("sample", (2, 900), (1,)),
            ("channel", (2, 3, 40, 40), (2, 3)),
            ("channel", (2, 900, 4), (1,)),
            ("feature", (900, 4), (0,)),
            ("feature", (900, 2, 3), (0,)),
            ("feature", (900, 2, 1, 3), (0,)),
        ],
    )
    def test_noise_fills_its_range(self, mask_range: str, shape: tuple[int, ...], over: tuple[int, ...]) -> None:
        scale = torch.rand(shape, generator=noise_from(1)).amax(dim=over, keepdim=True) * torch.randn(
            torch.Size(shape), generator=noise_from(2)
        ).mean(dim=over, keepdim=True)
        inputs = 100 * scale + torch.rand(
            shape, generator=noise_from(3)
        )  # each range lies elsewhere, and is about 1 wide
        low, high = inputs.amin(dim=over), inputs.amax(dim=over)
        recipe = SaliencyGuided(masked_fraction=1.0, mask_range=mask_range)  # type: ignore[arg-type]
        masked = recipe.mask(inputs, inputs, noise_from(0))
        lowest, highest = masked.amin(dim=over), masked.amax(dim=over)
        rounding = 1e-5
        assert ((low - rounding <= lowest) & (highest <= high + rounding)).all()
        assert ((highest - lowest) / (high - low) > 0.95).all()

    def test_tables_have_no_channels(self) -> None:
        with pytest.raises(ValueError, match=r"'channel' needs images or series, got inputs of shape \(2, 3\)"):
            SaliencyGuided(mask_range="channel").mask(torch.zeros(2, 3), torch.zeros(2, 3), noise_from(0))


class Recorder(nn.Module):
    """Notes the mode of each forward; carries layers that it does not call."""

    def __init__(self, *unused: nn.Module) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
        self.unused = nn.ModuleList(unused)
        self.modes: list[bool] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.modes.append(self.training)
        logits: Tensor = self.layers(inputs)
        return logits


@pytest.fixture
def batch() -> Samples:
    return samples(torch.randn(4, 6, generator=noise_from(5)), targets=[0, 1, 2, 0])


class TestPasses:
    def test_two_forwards_where_the_mode_makes_no_difference(self, batch: Samples) -> None:
        model = Recorder()
        loss_of(SaliencyGuided(), model, batch)
        assert model.modes == [True, True]

    def test_else_a_third_for_the_map_in_eval_mode(self, batch: Samples) -> None:
        model = Recorder(nn.Dropout())
        loss_of(SaliencyGuided(), model, batch)
        assert model.modes == [False, True, True]

    def test_the_saved_forward_changes_nothing(self, batch: Samples) -> None:
        """A dropout layer that is never called makes the recipe take the long way with the same function."""
        short, long = Recorder(), Recorder(nn.Dropout())
        losses = [loss_of(SaliencyGuided(divergence_weight=2.0), model, batch) for model in (short, long)]
        assert torch.equal(*losses)
        gradients = [
            torch.autograd.grad(losses[0], list(short.parameters())),
            torch.autograd.grad(losses[1], list(long.parameters())),
        ]
        assert all(map(torch.equal, *gradients))

    @pytest.mark.parametrize("unused", [(), (nn.Dropout(),)], ids=["short", "long"])
    def test_the_model_stays_in_train_mode_and_the_batch_as_it_was(
        self, batch: Samples, unused: tuple[nn.Module, ...]
    ) -> None:
        model, inputs = Recorder(*unused), batch.inputs.clone()
        loss_of(SaliencyGuided(), model, batch).backward()
        assert all(module.training for module in model.modules())
        assert torch.equal(batch.inputs, inputs)
        assert not batch.inputs.requires_grad

    def test_the_map_leaves_running_statistics_alone(self, batch: Samples) -> None:
        model = nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 3))
        loss_of(SaliencyGuided(), model, batch)
        assert model.get_buffer("0.num_batches_tracked") == 2

    def test_a_map_adds_nothing_to_the_gradients_of_the_weights(self, batch: Samples) -> None:
        model = Recorder(nn.Dropout())
        loss_of(SaliencyGuided(), model, batch)
        assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masked_fraction": 0.0}, r"masked_fraction must lie in \(0, 1\], got 0.0"),
        ({"masked_fraction": 1.1}, r"masked_fraction must lie in \(0, 1\], got 1.1"),
        ({"masked_fraction": float("nan")}, "masked_fraction .* got nan"),
        ({"divergence_weight": -1.0}, "divergence_weight must not be negative, got -1.0"),
        ({"divergence_weight": float("nan")}, "divergence_weight .* got nan"),
        ({"ranking": "lowest"}, "ranking must be one of .*'signed', 'absolute'.* got 'lowest'"),
        ({"mask_range": "pixel"}, "mask_range must be one of .*'sample', 'channel', 'feature'.* got 'pixel'"),
        ({"output": "softmax"}, "output must be one of .*'probability'.* got 'softmax'"),
    ],
)
def test_hyperparameters_outside_their_range_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SaliencyGuided(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(("layers", "forwards"), [((), 2), ((nn.Dropout(0.5),), 3)])
def test_a_step_takes_the_passes_that_it_names(layers: tuple[nn.Module, ...], forwards: int) -> None:
    model = nn.Sequential(nn.Linear(6, 4), *layers, nn.Linear(4, 2)).train()
    inputs, ids = torch.randn(5, 6), torch.arange(5)
    batch = Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros(5, 6))
    recipe, state = SaliencyGuided(), TrainingState(epoch=0, generator=torch.Generator())
    with counted_passes(model) as passes:
        recipe.loss(model, batch, state).backward()
    assert passes.forwards == forwards * len(batch)
    assert recipe.passes(model) == forwards + 1 + 4  # the map's way back, and that of both branches to the weights
