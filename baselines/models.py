"""What training and saliency methods both ask of a model: its mode, and the one output they explain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.spectral_norm import SpectralNorm

Output = Literal["log_odds", "logit", "log_probability", "probability"]

_READS_THE_MODE = (_BatchNorm, _InstanceNorm, _SpectralNorm, nn.RReLU)  # beside dropout


def output_of(logits: Tensor, targets: Tensor, output: Output) -> Tensor:
    """The one number that a map explains, for each sample; the one place where softmax is applied for maps.

    A single logit is not a statement about the prediction: a term common to all logits changes it and leaves every
    probability as it was. The log-odds of the target, log(p / (1 - p)), has no such freedom. Its gradient points
    where those of the probability and the log-probability point, but does not vanish where the model is certain.
    The probability is computed from the log-odds in double precision: the derivative of a softmax in float32 has a
    factor 1 - p of rounded digits, so that from log-odds of about 12 on a map turns away from the target's logit, and
    above 16.6 it holds the other classes alone. The log-probability is torch's `log_softmax` in the logits' own
    precision, with that error, since it is there for the published maps of images, which have it.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).
        output: which number.

    Returns:
        Shape (N,); float64 for the probability.
    """
    chosen = targets[:, None]
    if output == "log_probability":
        logits = logits.log_softmax(dim=1)
    explained = logits.gather(1, chosen)[:, 0]
    if output == "logit" or output == "log_probability":
        return explained
    log_odds = explained - logits.scatter(1, chosen, float("-inf")).logsumexp(dim=1)
    return log_odds if output == "log_odds" else log_of_sigmoid(log_odds.double()).exp()


def log_of_sigmoid(log_odds: Tensor) -> Tensor:
    """The log-probability that belongs to log-odds, with first and second derivatives that are right for any size."""
    return -functional.softplus(-log_odds)


def same_in_both_modes(model: nn.Module) -> bool:
    """Does the model compute the same in train and eval mode? False wherever there is a doubt about one of its layers.

    Only torch's own modules can be judged: a model that reads `training` by itself must contain one of them, such as
    `nn.Dropout`, to be recognized.
    """
    for module in model.modules():
        if isinstance(module, _DropoutNd) and module.p > 0:
            return False
        if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) and module.dropout > 0:
            return False
        if isinstance(module, _READS_THE_MODE):
            return False
        if any(isinstance(hook, SpectralNorm) for hook in module._forward_pre_hooks.values()):  # its older form
            return False
    return True


@contextmanager
def evaluation(model: nn.Module) -> Iterator[None]:
    """The model in eval mode for a while, differentiable everywhere; each of its modules goes back to its own mode.

    cuDNN refuses the backward pass of a recurrent layer in eval mode, so it is left out where one is present.
    """
    modes = [(module, module.training) for module in model.modules()]
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    model.eval()
    try:
        cudnn = torch.backends.cudnn  # whatever is not named would go back to torch's default for a while
        enabled = cudnn.enabled and not recurrent
        with cudnn.flags(enabled, cudnn.benchmark, deterministic=cudnn.deterministic, allow_tf32=cudnn.allow_tf32):
            yield
    finally:
        for module, training in modes:
            module.training = training
