"""DeepLIFT against hand work, against captum where captum is right, and against the sum it promises."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from captum.attr import DeepLift
from torch import Tensor, nn
from torch.nn import functional

from salbench.baselines.architectures import LSTM, MLP, SGT_CNN, TCN, Architecture
from salbench.baselines.models import Output, output_of
from salbench.baselines.saliency import SaliencyMethod, attribute
from salbench.baselines.saliency.completeness import TOLERATED_GAP, completeness_gap
from salbench.baselines.saliency.deeplift import DEEPLIFT, deeplift
from salbench.baselines.saliency.gradients import gradient
from salbench.datasets import Samples


def random_samples(shape: tuple[int, ...], *, count: int = 6, classes: int = 3) -> Samples:
    generator = torch.Generator().manual_seed(1)
    return Samples(
        inputs=torch.randn((count, *shape), generator=generator),
        targets=torch.arange(count) % classes,
        ids=torch.arange(count),
        fill=0.3 * torch.randn((count, *shape), generator=generator),
    )


def one_sample(inputs: list[float], fill: list[float]) -> Samples:
    return Samples(
        inputs=torch.tensor([inputs]), targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.tensor([fill])
    )


class Once(nn.Module):
    """Keeps captum's hooks on two modules from landing on the same tensor."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * 1.0


class TestByHand:
    def test_a_linear_model_gets_weight_times_difference(self) -> None:
        model = nn.Linear(3, 2)
        model.weight.data = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
        samples = one_sample([1.0, 2.0, 3.0], [0.0, 0.0, 1.0])
        torch.testing.assert_close(deeplift(model, samples, 0, output="logit"), torch.tensor([[1.0, -4.0, 1.0]]))
        torch.testing.assert_close(deeplift(model, samples, 0), torch.tensor([[1.0, -10.0, 3.0]]))

    def test_a_relu_has_the_slope_between_input_and_reference(self) -> None:
        """x1 - x2 goes from -1 to 3 and its ReLU from 0 to 3, so each unit of difference counts for 3 / 4."""
        model = nn.Sequential(nn.Linear(2, 1, bias=False), nn.ReLU())
        model[0].weight.data = torch.tensor([[1.0, -1.0]])
        samples = one_sample([4.0, 1.0], [0.0, 1.0])
        assert deeplift(model, samples, 0, output="logit").tolist() == [[3.0, 0.0]]
        samples = one_sample([3.0, 0.0], [0.0, 1.0])
        torch.testing.assert_close(deeplift(model, samples, 0, output="logit"), torch.tensor([[2.25, 0.75]]))

    @pytest.mark.parametrize(
        ("inputs", "fill", "expected"),
        [
            ([5.0, 1.0], [2.0, 0.0], [3.0, 0.0]),  # one place has both maxima
            ([5.0, 1.0], [0.0, 2.0], [3.0, 0.0]),  # a rise is due to the input's maximum
            ([1.0, 0.0], [0.0, 3.0], [0.0, -2.0]),  # a fall to the reference's
            ([2.0, 1.0], [2.0, 0.0], [0.0, 0.0]),  # no change, nothing to explain
        ],
    )
    def test_a_maximum_is_due_to_whoever_moved_it(
        self, inputs: list[float], fill: list[float], expected: list[float]
    ) -> None:
        model = nn.Sequential(nn.Unflatten(1, (1, 2)), nn.MaxPool1d(2), nn.Flatten())
        assert deeplift(model, one_sample(inputs, fill), 0, output="logit").tolist() == [expected]


def stacks() -> list[tuple[str, Callable[[], nn.Module], tuple[int, ...]]]:
    def dense(activation: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        return lambda: nn.Sequential(nn.Linear(5, 7), activation(), nn.Linear(7, 6), activation(), nn.Linear(6, 3))

    found: list[tuple[str, Callable[[], nn.Module], tuple[int, ...]]]
    activations = (nn.ReLU, nn.ELU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Softplus)
    found = [(activation.__name__, dense(activation), (5,)) for activation in activations]
    found.append(
        (
            "images",
            lambda: nn.Sequential(
                *(nn.Conv2d(2, 4, 3), nn.ReLU(), Once(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 2), nn.Tanh(), Once()),
                *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5, 3)),
            ),
            (2, 8, 8),
        )
    )
    found.append(
        (
            "series",
            lambda: nn.Sequential(
                nn.Conv1d(4, 3, 2), nn.ReLU(), Once(), nn.MaxPool1d(5), nn.Flatten(), nn.Linear(3, 3)
            ),
            (4, 6),
        )
    )
    return found


class TestAgreement:
    @pytest.mark.parametrize(("build", "shape"), [stack[1:] for stack in stacks()], ids=[s[0] for s in stacks()])
    def test_it_agrees_with_captum_where_captum_adds_up(
        self, build: Callable[[], nn.Module], shape: tuple[int, ...]
    ) -> None:
        torch.manual_seed(0)
        model, samples = build().eval(), random_samples(shape)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Setting forward, backward hooks")
            warnings.filterwarnings("ignore", message="Input Tensor 0 did not already require gradients")
            theirs = DeepLift(model).attribute(samples.inputs.clone(), samples.fill, target=samples.targets)
        torch.testing.assert_close(deeplift(model, samples, 0, output="logit"), theirs, rtol=1e-4, atol=1e-6)


class TestCompleteness:
    @pytest.mark.parametrize("output", ["logit", "log_odds"])
    @pytest.mark.parametrize(
        ("architecture", "shape"),
        [(MLP, (9,)), (SGT_CNN, (1, 10, 9)), (TCN, (20, 6))],
        ids=["mlp", "sgt_cnn", "tcn"],
    )
    def test_maps_of_modules_sum_to_the_difference(
        self, architecture: Architecture, shape: tuple[int, ...], output: Output
    ) -> None:
        torch.manual_seed(0)
        model, samples = architecture.build(shape, 3).eval(), random_samples(shape)
        maps = deeplift(model, samples, 0, output=output)
        assert completeness_gap(model, samples, maps, output).max() < 1e-4

    def test_on_a_relu_network_the_error_is_rounding(self) -> None:
        torch.manual_seed(0)
        model, samples = MLP.build((9,), 2).double().eval(), random_samples((9,), classes=2)
        samples = Samples(
            inputs=samples.inputs.double(), targets=samples.targets, ids=samples.ids, fill=samples.fill.double()
        )
        maps = deeplift(model, samples, 0)
        assert completeness_gap(model, samples, maps, floor=1e-12).max() < 1e-5

    def test_overlapping_pooling_adds_up(self) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.MaxPool2d(3, 2, padding=1), nn.Flatten(), nn.Linear(25, 3))
        samples = random_samples((1, 10, 10))
        assert completeness_gap(model, samples, deeplift(model, samples, 0)).max() < 1e-4

    def test_a_module_called_twice_adds_up(self) -> None:
        class Shared(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 3)])
                self.relu = nn.ReLU()

            def forward(self, inputs: Tensor) -> Tensor:
                for layer in self.layers[:-1]:
                    inputs = self.relu(layer(inputs))
                logits: Tensor = self.layers[-1](inputs)
                return logits

        torch.manual_seed(0)
        model, samples = Shared(), random_samples((4,))
        assert completeness_gap(model, samples, deeplift(model, samples, 0)).max() < 1e-4

    def test_log_odds_far_apart_stay_finite_and_add_up(self) -> None:
        model = nn.Linear(3, 3, bias=False)
        model.weight.data = torch.tensor([[900.0, 0.0, -5.0], [0.0, 2000.0, 0.0], [1.0, -1500.0, 0.0]])
        samples = random_samples((3,))
        maps = deeplift(model, samples, 0)
        assert maps.isfinite().all()
        assert completeness_gap(model, samples, maps).max() < 1e-4

    def test_recurrent_layers_are_found_by_their_gap(self) -> None:
        torch.manual_seed(0)
        model, samples = LSTM.build((12, 4), 3).eval(), random_samples((12, 4))
        maps = deeplift(model, samples, 0)
        assert (completeness_gap(model, samples, maps) > TOLERATED_GAP).any()


class TestFunctionalActivations:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(5, 16), nn.Linear(16, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            logits: Tensor = self.second(functional.relu(self.first(inputs)))
            return logits

    @pytest.mark.parametrize("output", ["logit", "probability"])
    def test_the_map_is_gradient_times_difference(self, output: Output) -> None:
        torch.manual_seed(0)
        model, samples = self.Functional(), random_samples((5,))
        expected = gradient(model, samples, 0, output=output) * (samples.inputs - samples.fill)
        torch.testing.assert_close(deeplift(model, samples, 0, output=output), expected)

    def test_the_gap_tells(self) -> None:
        torch.manual_seed(0)
        model, samples = self.Functional(), random_samples((5,))
        maps = deeplift(model, samples, 0)
        assert (completeness_gap(model, samples, maps) > TOLERATED_GAP).any()

    def test_without_the_rule_modules_get_the_same(self) -> None:
        torch.manual_seed(0)
        model, samples = SGT_CNN.build((1, 8, 8), 3).eval(), random_samples((1, 8, 8))
        maps = deeplift(model, samples, 0, rescaled=False)
        torch.testing.assert_close(maps, gradient(model, samples, 0) * (samples.inputs - samples.fill))


class TestModel:
    def test_in_place_activations_are_handled_and_given_back(self) -> None:
        torch.manual_seed(0)
        relu = nn.ReLU(inplace=True)
        model = nn.Sequential(nn.Linear(5, 8), relu, nn.Linear(8, 3))
        samples = random_samples((5,))
        maps = deeplift(model, samples, 0)
        assert completeness_gap(model, samples, maps).max() < 1e-4
        assert relu.inplace
        assert not relu._forward_hooks

    def test_hooks_are_taken_off_when_the_model_fails(self) -> None:
        model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(9, 3))
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            deeplift(model, random_samples((5,)), 0)
        assert not model[1]._forward_hooks

    @pytest.mark.parametrize("flat", [False, True])
    def test_a_model_that_turns_to_time_first_has_maps_that_do_not_depend_on_the_batch(self, *, flat: bool) -> None:
        """12 steps are as many rows as 6 inputs and 6 references, and flat they are a multiple for any batch."""

        class TimeFirst(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.first, self.relu, self.last = nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3)

            def forward(self, inputs: Tensor) -> Tensor:
                steps = self.first(inputs.transpose(0, 1))
                active = self.relu(steps.flatten(0, 1)).view_as(steps) if flat else self.relu(steps)
                logits: Tensor = self.last(active.mean(dim=0))
                return logits

        torch.manual_seed(0)
        model, samples = TimeFirst(), random_samples((12, 2), count=7)
        expected = gradient(model, samples, 0, output="logit") * (samples.inputs - samples.fill)
        for count in (1, 2, 3, 6, 7):
            maps = deeplift(model, samples[torch.arange(count)], 0, output="logit")
            torch.testing.assert_close(maps, expected[:count])

    @pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Softplus, nn.LogSigmoid, nn.Hardsigmoid, nn.Tanh])
    @pytest.mark.parametrize("scale", [1e-3, 1e-6])
    def test_small_changes_of_what_is_not_zero_at_zero_do_not_round_away(
        self, activation: type[nn.Module], scale: float
    ) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 8, bias=False), activation(), nn.Linear(8, 8), activation(), nn.Linear(8, 3))
        samples = random_samples((5,))
        samples = replace(samples, inputs=scale * samples.inputs, fill=scale * samples.fill)
        maps = deeplift(model, samples, 0, output="logit")
        double = replace(samples, inputs=samples.inputs.double(), fill=samples.fill.double())
        exact = deeplift(model.double(), double, 0, output="logit").float()
        torch.testing.assert_close(maps, exact, rtol=0.0, atol=2e-3 * exact.abs().max().item())

    def test_where_input_and_reference_are_equal_the_derivative_stands_in(self) -> None:
        torch.manual_seed(0)
        model, samples = MLP.build((5,), 3), random_samples((5,))
        samples.fill[:] = samples.inputs
        assert (deeplift(model, samples, 0) == 0).all()


class TestGap:
    def test_it_is_the_missing_share(self) -> None:
        """f goes from 1 to 5 and the map holds 3: a quarter is missing."""
        model = nn.Linear(2, 1, bias=False)
        model.weight.data = torch.ones(1, 2)
        samples = one_sample([2.0, 3.0], [1.0, 0.0])
        gap = completeness_gap(model, samples, torch.tensor([[1.0, 2.0]]), "logit", floor=0.0)
        assert gap.tolist() == [0.25]

    def test_no_difference_is_measured_against_the_floor(self) -> None:
        model = nn.Linear(2, 1, bias=False)
        samples = one_sample([1.0, 2.0], [1.0, 2.0])
        gap = completeness_gap(model, samples, torch.tensor([[0.02, 0.0]]), "logit", floor=0.01)
        torch.testing.assert_close(gap, torch.tensor([2.0]))

    def test_chunks_change_nothing(self) -> None:
        model, samples = nn.Linear(4, 3), random_samples((4,))
        maps = torch.randn(6, 4)
        whole = completeness_gap(model, samples, maps)
        torch.testing.assert_close(completeness_gap(model, samples, maps, chunk=4), whole)

    def test_shapes_must_agree(self) -> None:
        with pytest.raises(ValueError, match=r"\(6, 3\).*\(6, 4\)"):
            completeness_gap(nn.Linear(4, 3), random_samples((4,)), torch.zeros(6, 3))

    def test_the_difference_is_that_of_the_output(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(4, 3), random_samples((4,))
        for output in ("logit", "log_odds", "log_probability", "probability"):
            change = output_of(model(samples.inputs), samples.targets, output)
            change = change - output_of(model(samples.fill), samples.targets, output)
            maps = (change[:, None] / 4).expand(6, 4)
            assert completeness_gap(model, samples, maps, output).max() < 1e-4


def test_it_is_declared_complete() -> None:
    method: SaliencyMethod = DEEPLIFT
    assert method.complete
    torch.manual_seed(0)
    model, samples = MLP.build((4,), 3), random_samples((4,))
    assert completeness_gap(model, samples, attribute(method, model, samples, seed=0)).max() < 1e-4
