import platform
import resource

import pytest
import torch

from salbench.benchmark.freed_memory import keep_freed_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides by itself")
def test_a_freed_tensor_is_taken_again_without_new_pages() -> None:
    keep_freed_memory()

    def pages_of_a_step() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        several = [torch.ones(1_000_000) for _ in range(10)]
        del several
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    pages_of_a_step()
    assert pages_of_a_step() < 1_000  # ten tensors have 9,766
