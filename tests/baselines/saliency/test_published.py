"""The published configurations: their settings, and that a map depends on its sample alone."""

import pickle
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import (
    LSTM_ICA_PUBLISHED,
    LSTM_PUBLISHED,
    SGT_CNN,
    TCN,
    TRANSFORMER_PUBLISHED,
    Architecture,
)
from salbench.baselines.models import output_of
from salbench.baselines.saliency import SaliencyMethod, attribute
from salbench.baselines.saliency.gradients import gradient
from salbench.baselines.saliency.published import (
    PUBLISHED,
    PUBLISHED_IMAGES,
    PUBLISHED_RRR,
    PUBLISHED_SERIES,
    PUBLISHED_XCL,
    uniform_references,
)
from salbench.datasets import Modality, Samples

NAMED = {method.name: method for method in PUBLISHED}


def case(modality: Modality) -> tuple[nn.Module, Samples]:
    shape = {Modality.IMAGE: (2, 9, 8), Modality.SERIES: (12, 5)}[modality]
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand((5, *shape), generator=generator)
    torch.manual_seed(0)
    model = SGT_CNN.build(shape, 3) if modality is Modality.IMAGE else TCN.build(shape, 3)
    ids = torch.tensor([30, 4, 17, 0, 99])
    targets = torch.tensor([0, 1, 2, 0, 1])
    return model.eval(), Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs))


@pytest.mark.parametrize("method", PUBLISHED, ids=lambda method: method.name)
def test_maps_depend_on_the_sample_alone(method: SaliencyMethod) -> None:
    model, samples = case(Modality.SERIES if Modality.SERIES in method.modalities else Modality.IMAGE)
    maps = attribute(method, model, samples, seed=0)
    assert method.signed or (maps >= 0).all()
    order = torch.tensor([3, 0, 2])
    torch.testing.assert_close(
        attribute(method, model, samples[order], seed=0, chunk=2), maps[order], atol=1e-6, rtol=1e-4
    )
    assert torch.equal(attribute(method, model, samples, seed=0), maps)
    assert pickle.loads(pickle.dumps(method)).name == method.name


def test_names_are_given_once() -> None:
    assert len(NAMED) == len(PUBLISHED) == 6 + 6 + 4 + 2


def test_references_are_uniform_in_zero_to_one() -> None:
    _, samples = case(Modality.IMAGE)
    references = uniform_references(replace(samples, inputs=100 * samples.inputs), 50, 0)
    assert references.shape == (5, 50, 2, 9, 8)
    assert 0 <= references.min() < 0.01
    assert 0.99 < references.max() < 1


def test_series_explain_the_probability_and_images_the_log_probability() -> None:
    for method, modality, output in (
        (NAMED["gradient_published_series"], Modality.SERIES, "probability"),
        (NAMED["gradient_published_images"], Modality.IMAGE, "log_probability"),
    ):
        model, samples = case(modality)
        expected = gradient(model, samples, 0, output=output).abs()  # type: ignore[arg-type]
        if modality is Modality.IMAGE:
            expected = expected.mean(dim=1, keepdim=True).expand_as(expected)
        torch.testing.assert_close(attribute(method, model, samples, seed=0), expected)


def test_integrated_gradients_of_series_start_from_the_uniform_reference() -> None:
    linear = nn.Linear(60, 2)
    model = nn.Sequential(nn.Flatten(), linear)
    _, samples = case(Modality.SERIES)
    samples = replace(samples, targets=samples.targets % 2)
    reference = uniform_references(samples, 1, 0)[:, 0]
    maps = attribute(NAMED["integrated_gradients_published_series"], model, samples, seed=0)
    outputs = [
        output_of(model(x), samples.targets, "probability").detach().float() for x in (samples.inputs, reference)
    ]
    weights = (linear.weight[samples.targets] - linear.weight[1 - samples.targets]).view_as(maps).detach()
    terms = weights * (samples.inputs - reference)  # along a line in weight space the parts are proportional to these
    change = (outputs[0] - outputs[1]) / terms.flatten(1).sum(dim=1)
    torch.testing.assert_close(maps, (change[:, None, None] * terms).abs(), rtol=1e-3, atol=1e-6)


def test_deeplift_of_images_is_gradient_times_difference_and_of_series_the_rule() -> None:
    for suffix, modality, output in (
        ("images", Modality.IMAGE, "log_probability"),
        ("series", Modality.SERIES, "probability"),
    ):
        model, samples = case(modality)
        maps = attribute(NAMED[f"deeplift_published_{suffix}"], model, samples, seed=0)
        plain = gradient(model, samples, 0, output=output)  # type: ignore[arg-type]
        plain = plain * (samples.inputs - uniform_references(samples, 1, 0)[:, 0])
        if modality is Modality.IMAGE:
            plain = plain.mean(dim=1, keepdim=True).expand_as(plain)
        assert torch.allclose(maps, plain.abs(), rtol=1e-4, atol=1e-7) is (suffix == "images")


@pytest.mark.parametrize("architecture", [LSTM_PUBLISHED, LSTM_ICA_PUBLISHED, TRANSFORMER_PUBLISHED, TCN])
def test_captums_rule_finds_modules_in_the_published_tcn_alone(architecture: Architecture) -> None:
    _, samples = case(Modality.SERIES)
    torch.manual_seed(0)
    model = architecture.build(samples.inputs.shape[1:], 3).eval()
    slope = gradient(model, samples, 0, output="probability")
    references = uniform_references(samples, 50, 0)
    plain = {
        "deeplift": slope * (samples.inputs - uniform_references(samples, 1, 0)[:, 0]),
        "deep_shap": slope * (samples.inputs - references.mean(dim=1)),
    }
    for name, expected in plain.items():
        maps = attribute(NAMED[f"{name}_published_series"], model, samples, seed=0)
        assert torch.allclose(maps, expected.abs(), rtol=1e-3, atol=1e-7) is (architecture is not TCN)


class Squares(nn.Module):
    """Logits a · x² and 0, so the gradient of the first is 2 a x."""

    def forward(self, inputs: Tensor) -> Tensor:
        logit = inputs.flatten(1).square().sum(dim=1)
        return torch.stack([logit, torch.zeros_like(logit)], dim=1)


def test_smoothgrad_of_images_is_squared_and_has_deviation_one() -> None:
    """E (2 (x + e))² = 4 (x² + 1); the explained output is taken as the logit here."""
    explain = NAMED["smoothgrad_published_images"].explain
    assert isinstance(explain, partial)
    base = explain.keywords["explain"]
    inputs = torch.full((400, 1, 5, 5), 0.5)
    ids = torch.arange(400)
    samples = Samples(inputs=inputs, targets=torch.zeros_like(ids), ids=ids, fill=torch.zeros_like(inputs))
    maps = base(Squares(), samples, 0, output="logit")
    torch.testing.assert_close(maps.mean(), torch.tensor(5.0), rtol=0.05, atol=0)


def test_a_set_of_references_is_averaged_for_each_sample() -> None:
    for suffix, count in (("series", 50), ("images", 100)):
        explain = NAMED[f"deep_shap_published_{suffix}"].explain
        assert isinstance(explain, partial)
        given = explain.keywords["explain"].keywords
        for each in [given] if suffix == "images" else [given[name].keywords for name in ("modules", "functions")]:
            assert each["count"] == count


def test_xcl_takes_the_true_logit_and_rrr_the_predicted_probability() -> None:
    model, samples = case(Modality.IMAGE)
    expected = gradient(model, samples, 0, output="logit").abs()
    torch.testing.assert_close(attribute(NAMED["gradient_xcl"], model, samples, seed=0), expected)
    wrong = replace(samples, targets=(model(samples.inputs).argmax(dim=1) + 1) % 3)
    largest = samples.inputs.clone().requires_grad_()
    model(largest).softmax(dim=1).amax(dim=1).sum().backward()
    torch.testing.assert_close(attribute(NAMED["gradient_rrr"], model, wrong, seed=0), largest.grad)


def test_only_the_gradients_of_rrr_keep_their_sign() -> None:
    assert all(method.signed for method in PUBLISHED_RRR)
    assert not any(method.signed for method in (*PUBLISHED_SERIES, *PUBLISHED_IMAGES, *PUBLISHED_XCL))
