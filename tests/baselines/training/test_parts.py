"""Which of torch's own generators a device has."""

import pytest
import torch

from salbench.baselines.training.parts import global_generator


def test_that_of_the_cpu() -> None:
    assert global_generator(torch.device("cpu")) is torch.default_generator


def test_a_gpu_without_a_number_is_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    generators = torch.Generator(), torch.Generator()
    monkeypatch.setattr(torch.cuda, "default_generators", generators)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert global_generator(torch.device("cuda")) is generators[1]
    assert global_generator(torch.device("cuda:0")) is generators[0]
