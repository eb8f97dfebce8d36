"""What training and saliency methods both ask of a model: its mode, and the one output they explain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn
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
    There theirs turn away in float32 too: the factor 1 - p of a softmax has few right digits from log-odds of about 12
    on and is 0 above 16.6, so that the other classes' logits alone are left.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).
        output: which number.

    Returns:
        Shape (N,).
    """
    chosen = targets[:, None]
    if output == "log_odds":
        others = logits.scatter(1, chosen, float("-inf")).logsumexp(dim=1)
        return logits.gather(1, chosen)[:, 0] - others
    if output == "log_probability":
        logits = logits.log_softmax(dim=1)
    elif output == "probability":
        logits = logits.softmax(dim=1)
    return logits.gather(1, chosen)[:, 0]


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
