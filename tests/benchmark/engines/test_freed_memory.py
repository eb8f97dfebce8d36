import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import torch
from salbench.benchmark.engines.freed_memory import keep_freed_memory

def new_pages_of_a_step():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    several = [torch.ones(1_000_000) for _ in range(10)]
    del several
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

keep_freed_memory()
print([new_pages_of_a_step() for _ in range(12)][-1])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides by itself")
def test_freed_tensors_are_taken_again_without_new_pages() -> None:
    """In a process of its own: where its tensors lie takes some steps to settle, and longer after other tests."""
    steps = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    assert int(steps.stdout) < 1_000  # ten tensors have 9,766
