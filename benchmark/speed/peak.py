"""The most memory that this process ever took."""

import re
import resource
from pathlib import Path


def peak_bytes() -> int:
    """Peak memory of this process; where there is no /proc, of the process that it was forked from too."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
