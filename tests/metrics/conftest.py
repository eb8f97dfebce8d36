from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, Case, Predictions, perturbation_curves
from salbench.metrics.base import Changed
from salbench.metrics.limits import aopc_limits


def gradients(model: nn.Module, samples: Samples) -> Tensor:
    """A saliency method: the gradient of the target's logit."""
    inputs = samples.inputs.detach().requires_grad_()
    explained = model(inputs).gather(1, samples.targets[:, None]).sum()
    return torch.autograd.grad(explained, inputs)[0]


SHAPES = {Modality.IMAGE: (3, 4, 5), Modality.SERIES: (6, 3), Modality.TABULAR: (7,), Modality.TEXT: (9,)}


@pytest.fixture(params=list(Modality), ids=str)
def modality(request: pytest.FixtureRequest) -> Modality:
    """Each modality in turn."""
    assert isinstance(request.param, Modality)
    return request.param


@pytest.fixture
def make_samples() -> Callable[..., Samples]:
    """Makes samples with as many random inputs, classes and masks as a test needs; ids are not positions."""

    def make(
        modality: Modality,
        count: int = 6,
        dtype: torch.dtype = torch.float64,
        shape: tuple[int, ...] | None = None,
    ) -> Samples:
        generator = torch.Generator().manual_seed(0)
        inputs = torch.randn(count, *(shape or SHAPES[modality]), generator=generator, dtype=dtype)
        targets = torch.randint(3, (count,), generator=generator)
        ids = torch.randperm(10 * count, generator=generator)[:count]
        masks = torch.rand(inputs.shape, generator=generator) < 0.3
        fill = torch.full_like(inputs[:1], 0.25).expand_as(inputs)
        return Samples(inputs=inputs, targets=targets, ids=ids, fill=fill, masks=masks, irrelevant=~masks)

    return make


@pytest.fixture
def make_model() -> Callable[..., nn.Module]:
    """Makes a small network that maps samples of a modality to three logits."""

    def make(modality: Modality, dtype: torch.dtype = torch.float64, shape: tuple[int, ...] | None = None) -> nn.Module:
        torch.manual_seed(0)
        features = torch.Size(shape or SHAPES[modality]).numel()
        return nn.Sequential(nn.Flatten(), nn.Linear(features, 8), nn.Tanh(), nn.Linear(8, 3)).to(dtype).eval()

    return make


def counterfactuals(model: nn.Module, samples: Samples) -> dict[str, Changed]:
    """The samples as they are, and with all that must not matter turned round or filled in; {} where all matters."""
    if samples.irrelevant is None:
        return {}
    other = {
        "informative": samples.inputs,
        "flipped": torch.where(samples.irrelevant, -samples.inputs, samples.inputs),
        "absent": torch.where(samples.irrelevant, samples.fill, samples.inputs),
    }
    return {
        shortcut: Changed(replace(samples, inputs=inputs), Predictions(model(inputs).detach(), samples.targets))
        for shortcut, inputs in other.items()
    }


@pytest.fixture
def make_case(make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]) -> Callable[..., Case]:
    """Makes a case with all that a metric may need."""

    def make(
        modality: Modality,
        samples: Samples | None = None,
        attributions: Tensor | None = None,
        dtype: torch.dtype = torch.float64,
        model: nn.Module | None = None,
    ) -> Case:
        samples = make_samples(modality, dtype=dtype) if samples is None else samples
        model = make_model(modality, dtype, tuple(samples.inputs.shape[1:])) if model is None else model
        if attributions is None:
            attributions = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=dtype)
        fitting = [metric for metric in METRICS if metric.modalities != {Modality.TEXT} or modality is Modality.TEXT]
        protocols = dict.fromkeys(protocol for metric in fitting for protocol in metric.protocols)
        predictions = Predictions(model(samples.inputs).detach(), samples.targets)
        return Case(
            samples=samples,
            attributions=attributions,
            modality=modality,
            curves={
                protocol: perturbation_curves(model, samples, attributions, modality, protocol=protocol)
                for protocol in protocols
            },
            predictions=predictions,
            model=model,
            explain=gradients,
            finetuned=model,
            training=predictions,
            counterfactuals=counterfactuals(model, samples),
            limits=None if modality is Modality.TEXT else aopc_limits(model, samples, modality),
            retrained={
                retraining: dict.fromkeys((0, *retraining.percents), predictions)
                for retraining in dict.fromkeys(item for metric in METRICS for item in metric.retrainings)
            },
        )

    return make
