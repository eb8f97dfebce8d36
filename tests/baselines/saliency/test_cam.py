"""Grad-CAM against its formula."""

import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate, relu

from salbench.baselines.models import output_of
from salbench.baselines.saliency.cam import grad_cam
from salbench.datasets import Samples


@pytest.fixture
def samples() -> Samples:
    torch.manual_seed(1)
    inputs = torch.randn(4, 2, 10, 8)
    return Samples(
        inputs=inputs, targets=torch.tensor([0, 1, 2, 0]), ids=torch.arange(4), fill=torch.zeros_like(inputs)
    )


@pytest.fixture
def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 5, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(30, 3)),
    )


@pytest.mark.parametrize(("convolution", "until"), [("first", 1), ("last", 3)])
def test_channels_are_weighted_by_their_mean_gradient(
    model: nn.Sequential, samples: Samples, convolution: str, until: int
) -> None:
    features = model[:until](samples.inputs).detach().requires_grad_()
    explained = output_of(model[until:](features.clone()), samples.targets, "log_odds")
    (slopes,) = torch.autograd.grad(explained.sum(), features)
    weights = slopes.mean(dim=(2, 3), keepdim=True)
    expected = interpolate(relu((weights * features).sum(dim=1, keepdim=True)), size=(10, 8), mode="bilinear")
    maps = grad_cam(model, samples, 0, convolution=convolution)  # type: ignore[arg-type]
    torch.testing.assert_close(maps, expected.expand(4, 2, 10, 8).detach())
    assert (maps >= 0).all()


def test_a_model_without_convolution_is_refused(samples: Samples) -> None:
    with pytest.raises(ValueError, match="needs a model with a two-dimensional convolution, got Sequential"):
        grad_cam(nn.Sequential(nn.Flatten(), nn.Linear(160, 3)), samples, 0)
