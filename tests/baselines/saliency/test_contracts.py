"""What holds for every saliency method and control."""

import pickle
from dataclasses import replace

import pytest
import torch
from torch import nn

from salbench.baselines.saliency import ALL_METHODS, CONTROLS, SaliencyMethod, attribute
from salbench.datasets import Samples

ALL = [pytest.param(method, id=method.name) for method in (*ALL_METHODS, *CONTROLS)]
NOISY = {"smoothgrad", "gradient_shap", "deep_shap", "lime", "kernel_shap", "random", "oracle", "inverted"}


@pytest.fixture
def samples() -> Samples:
    """Seven images with evidence; their ids are in no order."""
    torch.manual_seed(1)
    inputs = torch.randn(7, 2, 5, 4)
    return Samples(
        inputs=inputs,
        targets=torch.tensor([0, 1, 2, 0, 1, 2, 0]),
        ids=torch.tensor([30, 4, 17, 0, 99, 5, 61]),
        fill=torch.randn(7, 2, 5, 4),
        masks=torch.rand(7, 2, 5, 4) < 0.3,
    )


@pytest.fixture
def model() -> nn.Module:
    """A small network in train mode, with dropout that no map may show."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten()),
        *(nn.Linear(36, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 3)),
    )


@pytest.mark.parametrize("method", ALL)
def test_maps_have_the_shape_of_the_inputs_and_no_graph(
    method: SaliencyMethod, model: nn.Module, samples: Samples
) -> None:
    maps = attribute(method, model, samples, seed=0)
    assert maps.shape == samples.inputs.shape
    assert not maps.requires_grad


@pytest.mark.parametrize("method", ALL)
def test_maps_do_not_depend_on_the_batch(method: SaliencyMethod, model: nn.Module, samples: Samples) -> None:
    whole = attribute(method, model, samples, seed=0, chunk=64)
    for chunk in (1, 3):
        torch.testing.assert_close(attribute(method, model, samples, seed=0, chunk=chunk), whole)


@pytest.mark.parametrize("method", ALL)
def test_maps_do_not_depend_on_the_order_of_the_samples(
    method: SaliencyMethod, model: nn.Module, samples: Samples
) -> None:
    order = torch.tensor([6, 2, 0, 5, 3])
    maps = attribute(method, model, samples, seed=0)
    torch.testing.assert_close(attribute(method, model, samples[order], seed=0), maps[order])


@pytest.mark.parametrize("method", ALL)
def test_a_seed_matters_where_there_is_noise(method: SaliencyMethod, model: nn.Module, samples: Samples) -> None:
    first, again, other = (attribute(method, model, samples, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert torch.equal(first, other) is (method.name not in NOISY)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_model_and_samples_are_left_as_they_were(
    method: SaliencyMethod, model: nn.Module, samples: Samples, training: bool
) -> None:
    model.train(training)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    inputs, generator = samples.inputs.clone(), torch.get_rng_state()
    attribute(method, model, samples, seed=0)
    assert all(module.training is training for module in model.modules())
    assert all(bool((parameter.grad == 1).all()) for parameter in model.parameters() if parameter.grad is not None)
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert torch.equal(samples.inputs, inputs)
    assert not samples.inputs.requires_grad
    assert torch.equal(torch.get_rng_state(), generator)


@pytest.mark.parametrize("method", ALL)
def test_a_signed_map_has_both_signs_and_another_has_one(
    method: SaliencyMethod, model: nn.Module, samples: Samples
) -> None:
    maps = attribute(method, model, samples, seed=0)
    assert bool((maps < 0).any()) is method.signed
    assert (maps > 0).any()


@pytest.mark.parametrize("method", ALL_METHODS, ids=lambda method: method.name)
def test_competing_methods_do_not_see_the_evidence(method: SaliencyMethod, model: nn.Module, samples: Samples) -> None:
    blind = replace(samples, masks=None)
    assert torch.equal(attribute(method, model, samples, seed=0), attribute(method, model, blind, seed=0))
    assert not method.needs_evidence


@pytest.mark.parametrize("method", ALL)
def test_a_declaration_can_be_sent_to_a_worker(method: SaliencyMethod) -> None:
    assert pickle.loads(pickle.dumps(method)) == method


def test_names_are_given_once_and_controls_say_so() -> None:
    assert len({method.name for method in (*ALL_METHODS, *CONTROLS)}) == len(ALL_METHODS) + len(CONTROLS)
    assert all(control.control for control in CONTROLS)
    assert not any(method.control for method in ALL_METHODS)
