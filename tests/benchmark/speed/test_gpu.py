"""The script that measures devices runs anywhere and names what it measured."""

import pytest
import torch

from salbench.benchmark.speed.gpu import Size, device_name, gpu_speed


@pytest.mark.slow
def test_every_ratio_is_a_number_and_reported() -> None:
    size = Size(explained=2, rows=8, trained=4, batch=2, rounds=1)
    lines: list[str] = []
    frame = gpu_speed(torch.device("cpu"), size, together=(2,), report=lines.append)
    assert len(frame) == len(lines) == 3 * 2 + 5 * 2
    assert (frame["ratio"] > 0).all()
    assert "tcn, SaliencyGuided: 2 models one after another over at once" in set(frame["what"])


def test_a_machine_without_a_gpu_says_so() -> None:
    assert device_name(torch.device("cpu")).startswith("no GPU")
