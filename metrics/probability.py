"""From logits to the probability of a class, in double precision."""

import torch
from torch import Tensor


def class_probability(logits: Tensor, classes: Tensor) -> Tensor:
    """Softmax probability of one class a sample.

    Args:
        logits: shape (..., N, K).
        classes: class indices, shape (N,).

    Returns:
        Shape (..., N), in [0, 1], float64.
    """
    probabilities = torch.softmax(logits.double(), dim=-1)
    index = classes.unsqueeze(-1).expand(*probabilities.shape[:-1], 1)
    return probabilities.gather(-1, index).squeeze(-1)


def probability_drop(clean: Tensor, perturbed: Tensor, classes: Tensor) -> Tensor:
    """p(x) - p(x') of one class a sample.

    Args:
        clean: logits, shape (N, K).
        perturbed: logits, shape (S, N, K).
        classes: class indices, shape (N,).

    Returns:
        Shape (S, N), in [-1, 1]; negative where the change made the class more likely.
    """
    return class_probability(clean, classes) - class_probability(perturbed, classes)
