"""GradientSHAP and DeepSHAP against what they must be in expectation and on linear models."""

from math import sqrt

import torch
from torch import Tensor, nn

from salbench.baselines.models import output_of
from salbench.baselines.saliency.deeplift import deeplift
from salbench.baselines.saliency.shapley import deep_shap, gradient_shap, noisy_fills
from salbench.datasets import Samples


def some_samples(count: int = 4) -> Samples:
    generator = torch.Generator().manual_seed(1)
    return Samples(
        inputs=torch.randn(count, 5, generator=generator),
        targets=torch.arange(count) % 3,
        ids=torch.tensor([8, 0, 31, 5])[:count],
        fill=torch.randn(count, 5, generator=generator),
    )


def small_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)).eval()


def only_the_fill(samples: Samples, count: int, seed: int) -> Tensor:
    return samples.fill[:, None].expand(-1, count, *samples.fill.shape[1:])


class TestReferences:
    def test_they_lie_around_the_fill(self) -> None:
        samples = some_samples()
        references = noisy_fills(samples, 2000, 0)
        assert references.shape == (4, 2000, 5)
        deviation = 0.09 * (samples.inputs.amax(dim=1) - samples.inputs.amin(dim=1))
        assert ((references.mean(dim=1) - samples.fill).abs() < 5 * deviation[:, None] / sqrt(2000)).all()
        torch.testing.assert_close(references.std(dim=1), deviation[:, None].expand(4, 5), rtol=0.06, atol=0)

    def test_they_follow_the_id(self) -> None:
        samples = some_samples()
        assert torch.equal(noisy_fills(samples[torch.tensor([2])], 3, 0)[0], noisy_fills(samples, 3, 0)[2])


class TestGradientShap:
    def test_without_noise_a_linear_model_gets_weight_times_difference(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(5, 3), some_samples()
        maps = gradient_shap(model, samples, 0, output="logit", draws=3, noise_level=0.0, references=only_the_fill)
        expected = model.weight[samples.targets] * (samples.inputs - samples.fill)
        torch.testing.assert_close(maps, expected.detach())

    def test_it_sums_to_the_difference_in_expectation(self) -> None:
        model, samples = small_model(), some_samples()
        total = torch.stack(
            [
                gradient_shap(model, samples, seed, draws=64, noise_level=0.0, references=only_the_fill).sum(dim=1)
                for seed in range(8)
            ]
        )
        difference = output_of(model(samples.inputs), samples.targets, "log_odds")
        difference = (difference - output_of(model(samples.fill), samples.targets, "log_odds")).detach()
        error = total.std(dim=0) / sqrt(8)
        assert ((total.mean(dim=0) - difference).abs() < 5 * error + 1e-4).all()
        assert (error < 0.1).all()


class TestDeepShap:
    def test_it_is_the_mean_of_deeplift_maps(self) -> None:
        model, samples = small_model(), some_samples()
        references = noisy_fills(samples, 5, 3)
        maps = []
        for reference in references.unbind(dim=1):
            one = Samples(inputs=samples.inputs, targets=samples.targets, ids=samples.ids, fill=reference)
            maps.append(deeplift(model, one, 0))
        torch.testing.assert_close(deep_shap(model, samples, 3, count=5), torch.stack(maps).mean(dim=0))

    def test_it_sums_to_the_difference_from_the_mean_reference_output(self) -> None:
        model, samples = small_model(), some_samples()
        references = noisy_fills(samples, 6, 0)
        outputs = [output_of(model(r), samples.targets, "log_odds") for r in references.unbind(dim=1)]
        expected = output_of(model(samples.inputs), samples.targets, "log_odds") - torch.stack(outputs).mean(dim=0)
        torch.testing.assert_close(deep_shap(model, samples, 0, count=6).sum(dim=1), expected.detach())

    def test_the_fill_as_the_only_reference_is_deeplift(self) -> None:
        model, samples = small_model(), some_samples()
        maps = deep_shap(model, samples, 0, count=1, references=only_the_fill)
        torch.testing.assert_close(maps, deeplift(model, samples, 0))
