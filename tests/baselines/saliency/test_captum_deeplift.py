"""Captum's DeepLIFT through our interface: equal to captum, and to ours where captum adds up."""

import warnings

import torch
from captum.attr import DeepLiftShap
from torch import Tensor, nn

from salbench.baselines.architectures import TCN
from salbench.baselines.saliency.captum_deeplift import captum_deep_shap, captum_deeplift
from salbench.baselines.saliency.deeplift import deeplift
from salbench.datasets import Samples


def random_samples(*shape: int) -> Samples:
    generator = torch.Generator().manual_seed(1)
    inputs, fill = torch.randn((2, 6, *shape), generator=generator)
    return Samples(inputs=inputs, targets=torch.arange(6) % 3, ids=torch.arange(6), fill=fill)


def dense() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)).eval()


def test_it_agrees_with_ours_on_dense_layers() -> None:
    samples = random_samples(5)
    maps = captum_deeplift(dense(), samples, 0, output="logit")
    torch.testing.assert_close(maps, deeplift(dense(), samples, 0, output="logit"))


def test_on_the_tcn_only_ours_sums_to_the_difference() -> None:
    torch.manual_seed(0)
    model, samples = TCN.build((20, 4), 3).eval(), random_samples(20, 4)

    def logit(inputs: Tensor) -> Tensor:
        logits: Tensor = model(inputs)
        return logits.gather(1, samples.targets[:, None]).squeeze(1)

    with torch.no_grad():
        difference = logit(samples.inputs) - logit(samples.fill)
    ours = deeplift(model, samples, 0, output="logit").flatten(1).sum(dim=1)
    theirs = captum_deeplift(model, samples, 0, output="logit").flatten(1).sum(dim=1)
    torch.testing.assert_close(ours, difference, rtol=1e-4, atol=1e-5)
    assert (theirs - difference).abs().max() > 0.1 * difference.abs().max()


def test_deep_shap_is_captums_with_one_set_of_references() -> None:
    samples, model = random_samples(5), dense()
    references = torch.randn((4, 5), generator=torch.Generator().manual_seed(2))
    maps = captum_deep_shap(
        model,
        samples,
        0,
        output="logit",
        references=lambda part, count, seed: references.expand(len(part), -1, -1),
        count=4,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks")
        expected = DeepLiftShap(model).attribute(samples.inputs, references, target=samples.targets)
    torch.testing.assert_close(maps, expected)


def test_the_model_is_left_as_it_was() -> None:
    model, samples = dense(), random_samples(5)
    before = model(samples.inputs)
    captum_deeplift(model, samples, 0, output="probability")
    assert torch.equal(model(samples.inputs), before)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
