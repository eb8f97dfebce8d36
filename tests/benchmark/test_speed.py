import pytest

from salbench.benchmark.speed import speed


@pytest.mark.slow
def test_every_ratio_is_measured() -> None:
    """That it runs and gives sensible numbers; how fast a machine is decides no test."""
    frame = speed(rounds=1)
    assert len(frame) == 8
    assert (frame["ratio"].astype(float) > 0).all()
