"""Regular training descends on cross entropy."""

from math import exp, log

import pytest
import torch
from torch import nn

from salbench.baselines.training import Regular, TrainingState
from salbench.datasets import Samples


def test_mean_cross_entropy_by_hand() -> None:
    inputs = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    batch = Samples(inputs=inputs, targets=torch.tensor([0, 0]), ids=torch.arange(2), fill=torch.zeros(2, 2))
    loss = Regular().loss(nn.Identity(), batch, TrainingState(generator=torch.Generator()))
    assert loss.item() == pytest.approx((log(1 + exp(2)) + log(1 + exp(-3))) / 2)
