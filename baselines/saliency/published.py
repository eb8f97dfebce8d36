"""The saliency methods as the published systems ran them, for tables that stand beside theirs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from ...datasets.base import Modality, Samples
from ...datasets.randomness import normal, uniform
from ..architectures.input_cell_attention import InputCellAttentionClassifier
from ..architectures.transformer import TransformerClassifier
from ..models import Output
from .base import SaliencyMethod
from .cam import grad_cam
from .captum_deeplift import captum_deep_shap, captum_deeplift
from .deeplift import deeplift
from .gradients import gradient, integrated_gradients
from .segments import single_features
from .shapley import deep_shap, expected_gradients
from .surrogate import kernel_shap, lime

Explain = Callable[..., Tensor]  # model, samples, seed and output to maps

SERIES = frozenset({Modality.SERIES})
IMAGES = frozenset({Modality.IMAGE})
_OF_FUNCTIONS = (InputCellAttentionClassifier, TransformerClassifier)


def uniform_references(samples: Samples, count: int, seed: int) -> Tensor:
    """References that are uniform noise in [0, 1) whatever the data's range, shape (N, R, *F)."""
    shape = (count, *samples.inputs.shape[1:])
    return uniform(samples.ids, shape, seed=seed, purpose="published references").to(samples.inputs.dtype)


def absolute(
    model: nn.Module, samples: Samples, seed: int, *, explain: Explain, output: Output, mean_channel: bool = False
) -> Tensor:
    """The size of a method's maps, with one uniform reference in the fill's place, shape (N, *F).

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: of all noise, which is drawn per sample id.
        explain: the method, called with `output`.
        output: what is explained.
        mean_channel: average over the channels before the absolute value, and give each channel the result.

    Source:
        ismail2020benchmarking for series and ismail2021improving for images, the settings of their code. Departure:
        they draw references and noise from a global generator, so that a map depends on its batch; here a sample has
        its own. Their rescaling of a map to [0, 1] is left to the metrics that ask for it.
    """
    maps = explain(model, replace(samples, fill=uniform_references(samples, 1, seed)[:, 0]), seed, output=output)
    if mean_channel:
        maps = maps.mean(dim=1, keepdim=True).expand_as(maps)
    return maps.abs()


def gradient_size(model: nn.Module, samples: Samples, seed: int, *, output: Output) -> Tensor:
    """|gradient|, which is captum's Saliency as it comes, shape (N, *F)."""
    return gradient(model, samples, seed, output=output).abs()


def noisy_gradient_size(model: nn.Module, samples: Samples, seed: int, *, output: Output, power: int) -> Tensor:
    """The mean of |gradient|, or of its square, over 5 inputs with noise of standard deviation 1, shape (N, *F)."""
    noise = normal(samples.ids, (5, *samples.inputs.shape[1:]), seed=seed, purpose="published smoothgrad")
    total = torch.zeros_like(samples.inputs)
    for draw in noise.to(total.dtype).unbind(dim=1):
        total += gradient(model, replace(samples, inputs=samples.inputs + draw), seed, output=output).abs() ** power
    return total / len(noise[0])


def gradient_shap_of_uniform(model: nn.Module, samples: Samples, seed: int, *, output: Output) -> Tensor:
    """GradientSHAP with 5 draws, uniform references and noise of standard deviation 0.09, shape (N, *F)."""
    noise = normal(samples.ids, (5, *samples.inputs.shape[1:]), seed=seed, purpose="published gradient_shap")
    noisy = samples.inputs[:, None] + 0.09 * noise.to(samples.inputs.dtype)
    return expected_gradients(model, samples, seed, noisy, uniform_references(samples, 5, seed), output)


def as_hooked(
    model: nn.Module, samples: Samples, seed: int, *, modules: Explain, functions: Explain, output: Output
) -> Tensor:
    """One method for most networks of series, another for those whose published form has no module to hook, (N, *F).

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: of both methods.
        modules: the method for most.
        functions: the method for an LSTM with input-cell attention and for a Transformer.
        output: what is explained.

    Source:
        ismail2020benchmarking. Captum's rules hook modules alone, and these two networks call their activations as
        functions there; ours have modules. An LSTM has none to hook in either.
    """
    explain = functions if isinstance(model, _OF_FUNCTIONS) else modules
    return explain(model, samples, seed, output=output)


def of_predicted_class(model: nn.Module, samples: Samples, seed: int, *, explain: Explain) -> Tensor:
    """A method's maps of the probability of the class that the model predicts, shape (N, *F).

    Source:
        ross2017right, the explanations of the experiments: the derivative of the largest probability, with its sign.
    """
    with torch.no_grad():
        predicted = model(samples.inputs).argmax(dim=1)
    return explain(model, replace(samples, targets=predicted), seed, output="probability")


def of_true_logit(model: nn.Module, samples: Samples, seed: int, *, explain: Explain) -> Tensor:
    """The size of a method's maps of the target's logit, with zeros for the fill, shape (N, *F).

    Source:
        xaiconstrained. Their code has captum's Saliency with its absolute value; the other methods stand in figures
        only, with settings that are not known, so captum's defaults are taken.
    """
    without = replace(samples, fill=torch.zeros_like(samples.inputs))
    return explain(model, without, seed, output="logit").abs()


_VERSIONS = {  # the newest of each: without the rounding of a softmax in float32
    "gradient_published_series": 2,
    "integrated_gradients_published_series": 2,
    "deeplift_published_series": 4,  # 1: the rule of `deeplift`, which adds up; 2: captum's for every network
    "gradient_shap_published_series": 2,
    "deep_shap_published_series": 4,
    "smoothgrad_published_series": 2,
    "gradient_rrr": 2,
    "lime_rrr": 3,  # 1: without the features that equal the fill
}


def _published(
    suffix: str,
    modalities: frozenset[Modality],
    reference: str,
    methods: dict[str, tuple[Explain, str]],
    *,
    signed: bool = False,
) -> tuple[SaliencyMethod, ...]:
    """Declarations of methods given as name: (function, description)."""
    return tuple(
        SaliencyMethod(
            name=f"{name}_{suffix}",
            version=_VERSIONS.get(f"{name}_{suffix}", 1),
            explain=explain,
            signed=signed,
            description=description,
            reference=reference,
            modalities=modalities,
            needs_convolution=name == "grad_cam",
        )
        for name, (explain, description) in methods.items()
    )


_series = partial(partial, absolute, output="probability")
_image = partial(partial, absolute, output="log_probability", mean_channel=True)

PUBLISHED_SERIES = _published(
    "published_series",
    SERIES,
    "ismail2020benchmarking",
    {
        "gradient": (_series(explain=gradient_size), "absolute gradient of the probability"),
        "integrated_gradients": (
            _series(explain=partial(integrated_gradients, steps=50)),
            "integrated gradients of the probability from uniform noise, 50 steps",
        ),
        "deeplift": (
            _series(explain=partial(as_hooked, modules=captum_deeplift, functions=partial(deeplift, rescaled=False))),
            "captum's DeepLIFT of the probability from uniform noise; with attention, gradient times difference",
        ),
        "gradient_shap": (
            _series(explain=gradient_shap_of_uniform),
            "GradientSHAP of the probability, 5 draws from uniform noise, deviation 0.09",
        ),
        "deep_shap": (
            _series(
                explain=partial(
                    as_hooked,
                    modules=partial(captum_deep_shap, references=uniform_references, count=50),
                    functions=partial(deep_shap, references=uniform_references, count=50, rescaled=False),
                )
            ),
            "captum's DeepSHAP of the probability from 50 draws of uniform noise; with attention, gradient times mean "
            "difference",
        ),
        "smoothgrad": (
            _series(explain=partial(noisy_gradient_size, power=1)),
            "mean absolute gradient of the probability over 5 draws, deviation 1",
        ),
    },
)
PUBLISHED_IMAGES = _published(
    "published_images",
    IMAGES,
    "ismail2021improving",
    {
        "gradient": (_image(explain=gradient_size), "absolute gradient of the log-probability"),
        "integrated_gradients": (
            _image(explain=partial(integrated_gradients, steps=50)),
            "integrated gradients of the log-probability from uniform noise, 50 steps",
        ),
        "deeplift": (
            _image(explain=partial(deeplift, rescaled=False)),
            "gradient times difference from uniform noise, as DeepLIFT is for functional activations",
        ),
        "gradient_shap": (
            _image(explain=gradient_shap_of_uniform),
            "GradientSHAP of the log-probability, 5 draws from uniform noise, deviation 0.09",
        ),
        "deep_shap": (
            _image(explain=partial(deep_shap, references=uniform_references, count=100, rescaled=False)),
            "gradient times mean difference from 100 draws of uniform noise, as DeepSHAP is for functional activations",
        ),
        "smoothgrad": (
            _image(explain=partial(noisy_gradient_size, power=2)),
            "mean squared gradient of the log-probability over 5 draws, deviation 1",
        ),
    },
)
PUBLISHED_XCL = _published(
    "xcl",
    IMAGES,
    "xaiconstrained",
    {
        "gradient": (partial(of_true_logit, explain=gradient), "absolute gradient of the logit"),
        "integrated_gradients": (
            partial(of_true_logit, explain=partial(integrated_gradients, steps=50)),
            "integrated gradients of the logit from zero, 50 steps, absolute",
        ),
        "kernel_shap": (
            partial(of_true_logit, explain=partial(kernel_shap, perturbations=25, segments=single_features)),
            "KernelSHAP of the logit from zero over single pixels, 25 coalitions, absolute",
        ),
        "grad_cam": (
            partial(of_true_logit, explain=partial(grad_cam, convolution="first")),
            "Grad-CAM of the logit on the first convolution",
        ),
    },
)
PUBLISHED_RRR = _published(
    "rrr",
    IMAGES | {Modality.TABULAR},
    "ross2017right",
    {
        "gradient": (
            partial(of_predicted_class, explain=gradient),
            "gradient of the predicted class's probability",
        ),
        "lime": (partial(of_predicted_class, explain=lime), "LIME of the predicted class's probability"),
    },
    signed=True,
)
PUBLISHED = (*PUBLISHED_SERIES, *PUBLISHED_IMAGES, *PUBLISHED_XCL, *PUBLISHED_RRR)
