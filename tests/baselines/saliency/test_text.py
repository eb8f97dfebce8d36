"""Saliency of words, against captum's own methods and against closed forms."""

import pickle
from dataclasses import replace

import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, Saliency
from torch import Tensor, nn

from salbench.baselines.architectures.bilstm import BiLSTMClassifier
from salbench.baselines.architectures.mean_words import MeanWords
from salbench.baselines.architectures.words import WordModel
from salbench.baselines.models import output_of
from salbench.baselines.saliency import (
    CONSTANT,
    CONTROLS,
    GRADIENT,
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    INVERTED,
    ORACLE,
    RANDOM,
    SMOOTHGRAD,
    SaliencyMethod,
    attribute,
)
from salbench.baselines.saliency.text import word_integrated_gradients, word_smoothgrad
from salbench.datasets import Modality, Samples

GRADIENTS = (GRADIENT, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)
FOR_TEXT = (*GRADIENTS, RANDOM, INVERTED, CONSTANT, ORACLE)
EACH = pytest.mark.parametrize("method", FOR_TEXT, ids=lambda method: method.name)


@pytest.fixture
def samples() -> Samples:
    """Texts of several lengths, one of them empty; the last word of each is protected."""
    tokens = torch.randint(3, 40, (5, 9), generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([9, 4, 2, 7, 0]).unsqueeze(1)
    places = torch.arange(9)
    tokens[places >= lengths] = 0
    removable = places < lengths - 1
    return Samples(
        inputs=tokens,
        targets=torch.tensor([0, 1, 2, 0, 1]),
        ids=torch.tensor([8, 2, 44, 0, 7]),
        fill=tokens.masked_fill(removable, 1),
        masks=removable & (places < 2),
        removable=removable,
    )


@pytest.fixture(params=[MeanWords, BiLSTMClassifier])
def model(request: pytest.FixtureRequest) -> WordModel:
    torch.manual_seed(0)
    made: WordModel = request.param(3, torch.randn(40, 5))
    return made.double().eval()


def log_odds(model: WordModel, present: Tensor, target: Tensor) -> nn.Module:
    """The log-odds of one text's class from copies of its embeddings, as captum wants them."""

    class Explained(nn.Module):
        def forward(self, embeddings: Tensor) -> Tensor:
            count = len(embeddings)
            logits = model.classify(embeddings, present.expand(count, -1))
            return output_of(logits, target.expand(count), "log_odds")

    return Explained()


def test_gradients_equal_captums_summed_over_the_vectors(model: WordModel, samples: Samples) -> None:
    for row in range(4):
        one = samples[torch.tensor([row])]
        present = model.present(one.inputs)
        explained = log_odds(model, present, one.targets)
        embeddings = model.embed(one.inputs).detach().requires_grad_()
        reference = model.embed(one.fill).detach()
        expected = {
            "gradient": Saliency(explained).attribute(embeddings, abs=False),
            "input_x_gradient": InputXGradient(explained).attribute(embeddings),
            "integrated_gradients": IntegratedGradients(explained).attribute(
                embeddings, baselines=reference, n_steps=32
            ),
        }
        for method in GRADIENTS[:3]:
            maps = attribute(method, model, one, seed=0)
            wanted = expected[method.name].sum(dim=2).to(maps)
            torch.testing.assert_close(maps, torch.where(present, wanted, 0.0))


def test_integrated_gradients_sum_to_the_change_of_the_output(model: WordModel, samples: Samples) -> None:
    maps = word_integrated_gradients(model, samples, 0, steps=64)
    with torch.no_grad():
        whole, filled = (output_of(model(each), samples.targets, "log_odds") for each in (samples.inputs, samples.fill))
    torch.testing.assert_close(maps.sum(dim=1), whole - filled, atol=5e-3, rtol=0)  # ReLU has kinks
    assert samples.removable is not None
    assert not maps[~samples.removable].any()  # protected words are the same in the reference


def test_smoothgrad_without_noise_is_the_gradient(model: WordModel, samples: Samples) -> None:
    plain = attribute(GRADIENT, model, samples, seed=0)
    torch.testing.assert_close(word_smoothgrad(model, samples, 0, noise_level=0.0), plain)
    assert not torch.allclose(attribute(SMOOTHGRAD, model, samples, seed=0), plain)


@EACH
def test_padding_is_exactly_zero_and_maps_are_finite_floats(
    method: SaliencyMethod, model: WordModel, samples: Samples
) -> None:
    assert Modality.TEXT in method.modalities
    maps = attribute(method, model, samples, seed=0)
    assert maps.is_floating_point()
    assert not maps[samples.inputs == 0].any()
    if method in GRADIENTS:
        assert maps[:4].abs().amax(dim=1).min() > 0


@EACH
def test_maps_depend_on_model_and_sample_alone(method: SaliencyMethod, model: WordModel, samples: Samples) -> None:
    maps = attribute(method, model, samples, seed=0)
    order = torch.tensor([3, 0, 4, 2])
    torch.testing.assert_close(attribute(method, model, samples[order], seed=0, chunk=3), maps[order])
    torch.testing.assert_close(attribute(method, model.train(), samples, seed=0), maps)


@EACH
def test_methods_can_be_sent_to_a_worker(method: SaliencyMethod) -> None:
    assert pickle.loads(pickle.dumps(method)) == method


def test_controls_keep_to_the_removable_words(model: WordModel, samples: Samples) -> None:
    assert samples.masks is not None
    assert samples.removable is not None
    free, masks = samples.removable, samples.masks
    found = {method.name: attribute(method, model, samples, seed=0) != 0 for method in (ORACLE, INVERTED, CONSTANT)}
    assert torch.equal(found["oracle"], masks)
    assert torch.equal(found["inverted"], free & ~masks)
    assert torch.equal(found["constant"], free)
    assert not (attribute(RANDOM, model, samples, seed=0) != 0)[~free].any()
    blind = replace(samples, masks=None)
    gradient, inverse = (attribute(method, model, blind, seed=0) for method in (GRADIENT, INVERTED))
    for row in range(4):
        if free[row].sum() > 1:
            assert gradient[row][free[row]].abs().argmax() == inverse[row][free[row]].argmin()


def test_images_of_the_input_are_not_for_text() -> None:
    assert {method.name for method in CONTROLS if Modality.TEXT not in method.modalities} == {"input", "edge_filter"}


def test_a_model_without_embeddings_is_refused(samples: Samples) -> None:
    with pytest.raises(TypeError, match="WordModel's embeddings, got Flatten"):
        attribute(GRADIENT, nn.Flatten(), samples, seed=0)
