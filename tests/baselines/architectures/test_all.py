"""What holds for every architecture on every modality it is declared for."""

from collections import Counter
from collections.abc import Sequence

import pytest
import torch
from captum.attr import DeepLift
from torch import Tensor, nn

from salbench.baselines.architectures import ARCHITECTURES, Architecture, check_logits
from salbench.baselines.architectures.attention import StepSoftmax
from salbench.baselines.saliency.deeplift import contribution_multipliers
from salbench.datasets import Modality

SHAPES: dict[Modality, list[tuple[int, ...]]] = {
    Modality.IMAGE: [(1, 8, 8), (1, 28, 28), (3, 10, 7)],
    Modality.SERIES: [(12, 6), (6, 12)],
    Modality.TABULAR: [(5,)],
}
SMALLEST = {Modality.IMAGE: (1, 6, 7), Modality.SERIES: (6, 5), Modality.TABULAR: (5,)}
DEEP = {"resnet18", "vgg16", "vgg16_bn", "vgg16_bird"}  # ten million weights and more; others have the same parts
CASES = [
    pytest.param(architecture, shape, id=f"{architecture.name}-{'x'.join(map(str, shape))}")
    for architecture in ARCHITECTURES
    for modality in sorted(architecture.modalities & set(SHAPES))  # word models are tested on words
    for shape in SHAPES[modality][-1 if architecture.name in DEEP else 0 :]
]
SMALL = [
    pytest.param(
        architecture, shape, id=architecture.name, marks=[pytest.mark.slow] if architecture.name in DEEP else []
    )
    for architecture in ARCHITECTURES
    for shape in [SMALLEST[modality] for modality in sorted(architecture.modalities & set(SMALLEST))][:1]
]
WITHOUT_RULE = (nn.LSTM, StepSoftmax, nn.LayerNorm)  # DeepLIFT knows no rule for them, so maps do not add up


@pytest.fixture(autouse=True)
def _fixed_weights() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_it_returns_logits(architecture: Architecture, shape: tuple[int, ...], training: bool) -> None:
    model = architecture.build(shape, 4).train(training)
    check_logits(model(torch.randn(5, *shape)), 5, 4)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_each_module_is_called_once(architecture: Architecture, shape: tuple[int, ...]) -> None:
    model = architecture.build(shape, 4)
    layers = {name: module for name, module in model.named_modules() if not list(module.children())}
    calls: Counter[str] = Counter()
    for name, layer in layers.items():
        layer.register_forward_pre_hook(lambda _layer, _inputs, name=name: calls.update([name]))
    model(torch.randn(2, *shape))
    assert calls == dict.fromkeys(layers, 1)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_activations_are_modules(architecture: Architecture, shape: tuple[int, ...]) -> None:
    """With each nonlinear module replaced by an affine map, the model is affine: none is a functional call."""
    model = architecture.build(shape, 4).eval()
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(
                child, nn.ReLU | nn.Tanh | nn.LSTM | nn.MaxPool1d | nn.MaxPool2d | nn.LayerNorm | StepSoftmax
            ):
                setattr(module, name, affine_instead_of(child))
    first, second = torch.randn(2, 3, *shape).unbind()
    middle, between = model((first + second) / 2), (model(first) + model(second)) / 2
    torch.testing.assert_close(middle, between, rtol=1e-4, atol=1e-5 * between.abs().max().clamp(min=1.0).item())


def affine_instead_of(module: nn.Module) -> nn.Module:
    if isinstance(module, nn.MaxPool1d):
        return nn.AvgPool1d(module.kernel_size)
    if isinstance(module, nn.MaxPool2d):
        return nn.AvgPool2d(module.kernel_size, module.stride, module.padding, module.ceil_mode)
    if isinstance(module, nn.LSTM):
        return First(module.hidden_size)
    if isinstance(module, StepSoftmax):
        return Uniform()
    return nn.Identity()


class Uniform(nn.Module):
    """In place of a softmax: the same weight for every step."""

    def forward(self, scores: Tensor) -> Tensor:
        return torch.full_like(scores, 1 / scores.shape[-1])


class First(nn.Module):
    """In place of an LSTM: its first feature as every unit of the state."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, None]:
        return inputs[..., :1].expand(-1, -1, self.units), None


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_the_result_does_not_depend_on_the_batch_in_eval_mode(
    architecture: Architecture, shape: tuple[int, ...]
) -> None:
    model = architecture.build(shape, 4).eval()
    inputs = torch.randn(6, *shape)
    together = model(inputs)
    alone = torch.cat([model(one) for one in inputs.split(1)])
    torch.testing.assert_close(alone, together, rtol=1e-5, atol=1e-5 * together.abs().max().clamp(min=1.0).item())


@pytest.mark.parametrize(("architecture", "shape"), SMALL)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_it_can_be_differentiated_twice(architecture: Architecture, shape: tuple[int, ...], training: bool) -> None:
    """A penalty on input gradients moves every weight matrix, and in single precision as in double."""
    model = without_dropout(architecture.build(shape, 3)).train(training)
    inputs = torch.randn(4, *shape)
    single = penalty_gradients(model, inputs)
    double = penalty_gradients(model.double(), inputs.double())
    scale = max(gradient.abs().max().item() for gradient in double.values())
    assert scale > 0
    for name, gradient in double.items():
        assert gradient.isfinite().all()
        if gradient.ndim > 1 and gradient.numel() > 1:
            assert gradient.count_nonzero() > 0, name
        torch.testing.assert_close(single[name].double(), gradient, rtol=0.02, atol=1e-3 * scale, msg=name)


@pytest.mark.parametrize(("architecture", "shape"), SMALL)
def test_the_second_derivative_agrees_with_finite_differences(
    architecture: Architecture, shape: tuple[int, ...]
) -> None:
    """Of the model with ReLU and max-pooling made smooth, so that no kink lies between the two points."""
    model = architecture.build(shape, 3).double().eval()
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, name, nn.Softplus())
            elif isinstance(child, nn.MaxPool1d | nn.MaxPool2d):
                setattr(module, name, affine_instead_of(child))
    inputs = torch.randn(2, *shape, dtype=torch.float64)
    gradients = penalty_gradients(model, inputs)
    directions = {name: torch.randn_like(p) * p.detach().std().nan_to_num() for name, p in model.named_parameters()}
    expected = sum((gradients[name] * directions[name]).sum().item() for name in gradients)
    step, values = 1e-6, []
    for sign in (1, -2):
        for name, parameter in model.named_parameters():
            parameter.data += sign * step * directions[name]
        values.append(penalty(model, inputs).item())
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(expected, rel=1e-3)


def without_dropout(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


def penalty(model: nn.Module, inputs: Tensor) -> Tensor:
    leaf = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(leaf)[:, 0].sum(), leaf, create_graph=True)
    return gradient.square().sum()


def penalty_gradients(model: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
    names, parameters = zip(*model.named_parameters(), strict=True)
    gradients: Sequence[Tensor] = torch.autograd.grad(
        penalty(model, inputs), parameters, allow_unused=True, materialize_grads=True
    )
    return dict(zip(names, gradients, strict=True))


@pytest.mark.parametrize(("architecture", "shape"), SMALL)
def test_deeplift_adds_up_wherever_it_has_a_rule(architecture: Architecture, shape: tuple[int, ...]) -> None:
    model = architecture.build(shape, 3).double().eval()
    inputs, references = torch.randn(2, 4, *shape, dtype=torch.float64).unbind()
    targets = torch.tensor([0, 1, 2, 1])
    multipliers = contribution_multipliers(model, inputs, references, targets, output="logit")
    parts = (multipliers * (inputs - references)).flatten(1).sum(dim=1)
    with torch.no_grad():
        difference = (model(inputs) - model(references)).gather(1, targets[:, None])[:, 0]
    ruled = not any(isinstance(module, WITHOUT_RULE) for module in model.modules())
    assert torch.allclose(parts, difference, rtol=1e-6, atol=1e-9 * difference.abs().max().item()) is ruled


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks", "ignore:Input Tensor 0 did not already")
@pytest.mark.parametrize(("architecture", "shape"), SMALL)
def test_it_suits_the_deeplift_of_captum(architecture: Architecture, shape: tuple[int, ...]) -> None:
    """Captum's own rule for max-pooling after ReLU does not add up, so only models without pooling are exact."""
    model = architecture.build(shape, 3).double().eval()
    inputs, references = torch.randn(2, 4, *shape, dtype=torch.float64).unbind()
    _, delta = DeepLift(model).attribute(inputs, references, target=1, return_convergence_delta=True)
    assert delta.isfinite().all()
    if not any(isinstance(module, (*WITHOUT_RULE, nn.MaxPool1d, nn.MaxPool2d)) for module in model.modules()):
        assert delta.abs().max() < 1e-9 * max(1.0, (model(inputs) - model(references)).abs().max().item())
