"""Softmax over the steps of a series, for every attention here."""

import torch
from torch import Tensor, nn


class StepSoftmax(nn.Module):
    """Softmax over the last axis, where step t sees steps up to t only if it is causal.

    Not `nn.Softmax`: DeepLIFT in captum knows that module as the end of a classifier, and would mix the samples of a
    batch if it met one inside.
    """

    def __init__(self, *, causal: bool) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, scores: Tensor) -> Tensor:
        """(…, T, T), a row for each step that looks, to weights of the same shape whose rows sum to one."""
        if self.causal:
            future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(diagonal=1)
            scores = scores.masked_fill(future, float("-inf"))
        return scores.softmax(dim=-1)
