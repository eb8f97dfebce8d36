"""Gradient methods against what they must be on models whose gradient is known."""

from math import sqrt

import pytest
import torch
from captum.attr import NoiseTunnel, Saliency
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from salbench.baselines.models import output_of
from salbench.baselines.saliency.gradients import gradient, input_x_gradient, integrated_gradients, smoothgrad
from salbench.datasets import Samples

WEIGHTS = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
CURVATURE = torch.tensor([[1.0, -2.0, 0.5, 0.0], [0.3, 3.0, -1.0, 2.0]])


@pytest.fixture
def linear() -> nn.Module:
    model = nn.Linear(3, 2)
    model.weight.data = WEIGHTS.clone()
    return model


@pytest.fixture
def samples() -> Samples:
    return Samples(
        inputs=torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]]),
        targets=torch.tensor([1, 0]),
        ids=torch.tensor([7, 3]),
        fill=torch.tensor([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]]),
    )


class Quadratic(nn.Module):
    """Logit of class c: the sum of a_ci x_i², whose gradient is 2 a_ci x_i."""

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = inputs.square() @ CURVATURE.T
        return logits


class TestLinear:
    def test_the_gradient_is_the_row_of_the_target(self, linear: nn.Module, samples: Samples) -> None:
        assert torch.equal(gradient(linear, samples, 0, output="logit"), WEIGHTS[[1, 0]])

    def test_input_x_gradient_is_each_term_of_the_sum(self, linear: nn.Module, samples: Samples) -> None:
        maps = input_x_gradient(linear, samples, 0, output="logit")
        assert maps.tolist() == [[0.0, 6.0, -3.0], [-1.0, -1.0, 1.0]]

    def test_integrated_gradients_are_the_terms_of_the_difference(self, linear: nn.Module, samples: Samples) -> None:
        expected = torch.tensor([[0.0, 6.0, -2.0], [-2.0, 1.0, 0.5]])  # w * (x - fill)
        torch.testing.assert_close(integrated_gradients(linear, samples, 0, output="logit"), expected)

    def test_smoothgrad_is_the_row_of_the_target(self, linear: nn.Module, samples: Samples) -> None:
        torch.testing.assert_close(smoothgrad(linear, samples, 0, output="logit"), WEIGHTS[[1, 0]])


class TestLogOdds:
    def test_of_two_classes_it_is_the_difference_of_the_rows(self, linear: nn.Module, samples: Samples) -> None:
        torch.testing.assert_close(gradient(linear, samples, 0), WEIGHTS[[1, 0]] - WEIGHTS[[0, 1]])

    def test_a_term_common_to_all_logits_does_not_show(self, samples: Samples) -> None:
        class Shifted(nn.Module):
            def forward(self, inputs: Tensor) -> Tensor:
                return inputs @ WEIGHTS.T + inputs.square().sum(dim=1, keepdim=True)

        expected = WEIGHTS[[1, 0]] - WEIGHTS[[0, 1]]
        torch.testing.assert_close(gradient(Shifted(), samples, 0), expected, rtol=1e-4, atol=1e-5)

    def test_it_points_where_the_log_probability_points(self) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).eval()
        inputs = torch.randn(5, 4)
        samples = Samples(
            inputs=inputs, targets=torch.tensor([0, 1, 2, 0, 1]), ids=torch.arange(5), fill=torch.zeros_like(inputs)
        )
        maps = [gradient(model, samples, 0, output=output) for output in ("log_odds", "log_probability", "probability")]
        for other in maps[1:]:
            torch.testing.assert_close(cosine_similarity(maps[0], other), torch.ones(5))

    def test_it_does_not_vanish_where_the_model_is_certain(self, samples: Samples) -> None:
        certain = nn.Linear(3, 2)
        certain.weight.data = 1000 * WEIGHTS
        kept = samples[:1]  # logits far apart: the probability is 1 in float32
        assert gradient(certain, kept, 0, output="probability").abs().max() == 0
        torch.testing.assert_close(gradient(certain, kept, 0), 1000 * (WEIGHTS[1:] - WEIGHTS[:1]))


class TestIntegratedGradients:
    def test_it_is_complete(self) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(24, 16), nn.Tanh(), nn.Linear(16, 3)).eval()
        samples = Samples(
            inputs=torch.randn(4, 6, 4),
            targets=torch.tensor([0, 1, 2, 0]),
            ids=torch.arange(4),
            fill=torch.zeros(1).expand(4, 6, 4),
        )
        difference = output_of(model(samples.inputs), samples.targets, "log_odds")
        difference -= output_of(model(samples.fill), samples.targets, "log_odds")
        total = integrated_gradients(model, samples, 0).flatten(1).sum(dim=1)
        torch.testing.assert_close(total, difference, rtol=0.0, atol=1e-3)

    def test_it_is_exact_on_a_quadratic(self) -> None:
        """From 0 to x the mean of 2 a t x is a x, so feature i gets a_i x_i²."""
        inputs = torch.tensor([[1.0, 2.0, -1.0, 0.5]])
        samples = Samples(
            inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs)
        )
        torch.testing.assert_close(
            integrated_gradients(Quadratic(), samples, 0, output="logit"), CURVATURE[1:] * inputs.square()
        )


class TestSmoothGrad:
    DRAWS = 4000

    @pytest.fixture
    def curved(self) -> Samples:
        inputs = torch.tensor([[1.0, 2.0, -1.0, 0.5], [4.0, -6.0, 0.0, 1.0]])  # ranges 3 and 10
        return Samples(
            inputs=inputs, targets=torch.tensor([0, 1]), ids=torch.tensor([5, 8]), fill=torch.zeros_like(inputs)
        )

    @pytest.fixture
    def error(self, curved: Samples) -> Tensor:
        """Standard error of the mean gradient: 2 |a| sigma / sqrt(n), with sigma = 0.15 of each sample's range."""
        sigma = 0.15 * torch.tensor([[3.0], [10.0]])
        return 2 * CURVATURE[curved.targets].abs() * sigma / sqrt(self.DRAWS)

    def test_its_mean_is_the_gradient_of_a_quadratic(self, curved: Samples, error: Tensor) -> None:
        maps = smoothgrad(Quadratic(), curved, 0, draws=self.DRAWS, output="logit")
        expected = 2 * CURVATURE[curved.targets] * curved.inputs
        assert ((maps - expected).abs() <= 4 * error).all()

    def test_its_spread_is_the_noise_level(self, curved: Samples, error: Tensor) -> None:
        """With one draw the map is off by 2 a sigma times a standard normal number."""
        expected = 2 * CURVATURE[curved.targets] * curved.inputs
        deviations = [smoothgrad(Quadratic(), curved, seed, draws=1, output="logit") - expected for seed in range(400)]
        spread = torch.stack(deviations).square().mean(dim=0).sqrt()
        torch.testing.assert_close(spread, error * sqrt(self.DRAWS), rtol=0.15, atol=1e-5)

    def test_it_agrees_with_captum(self, curved: Samples, error: Tensor) -> None:
        ours = smoothgrad(Quadratic(), curved, 0, draws=self.DRAWS, output="logit")
        torch.manual_seed(0)
        for row, sigma in enumerate((0.45, 1.5)):
            theirs = NoiseTunnel(Saliency(Quadratic())).attribute(
                curved.inputs[row : row + 1].clone().requires_grad_(),
                nt_type="smoothgrad",
                nt_samples=self.DRAWS,
                stdevs=sigma,
                target=curved.targets[row : row + 1],
                abs=False,
            )
            assert ((ours[row] - theirs[0]).abs() <= 4 * sqrt(2) * error[row]).all()

    def test_a_constant_input_gets_no_noise(self) -> None:
        inputs = torch.full((1, 4), 3.0)
        samples = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=inputs)
        torch.testing.assert_close(smoothgrad(Quadratic(), samples, 0), gradient(Quadratic(), samples, 0))
