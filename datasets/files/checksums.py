"""The MD5 of a large file, computed once and remembered beside it."""

import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def remembered_md5(path: Path) -> str:
    """The MD5 of a file; reading 150 GB anew for every run would take longer than most runs.

    It is remembered in a hidden file beside the file, as long as size and time of change stay the same. Where that
    cannot be written, it is computed every time.

    Args:
        path: a file.

    Returns:
        32 hexadecimal digits.
    """
    known = path.stat()
    same = f"{known.st_size} bytes, changed {known.st_mtime_ns}, md5 "
    memory = path.with_name(f".{path.name}.md5")
    with suppress(OSError, UnicodeDecodeError):
        line = memory.read_text(encoding="utf-8")
        if line.startswith(same) and len(line) == len(same) + 32:
            return line.removeprefix(same)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    part = memory.with_name(f"{memory.name}.{uuid4().hex}.part")
    with suppress(OSError):
        part.write_text(same + digest, encoding="utf-8")
        part.replace(memory)
    return digest
