import pytest

from salbench.benchmark.speed.store_size import scale


@pytest.mark.slow
def test_every_piece_of_work_is_timed() -> None:
    """That it runs; how fast a machine is decides no test."""
    frame = scale(200)
    assert len(frame) == 5
    assert (frame["seconds"].astype(float) >= 0).all()
    assert frame["what"].iloc[0] == "writing 200 records"
