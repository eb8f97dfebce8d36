"""Tiny releases of the picture data sets, byte for byte in the layouts of the originals."""

import hashlib
import io
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from salbench.datasets import OriginalFile


def declared(name: str, content: bytes, *, md5: bool = True) -> OriginalFile:
    digest = hashlib.md5(content).hexdigest() if md5 else ""
    return OriginalFile(name=name, size=len(content), md5=digest, gz_md5="")


def python2_pickle(label: str, labels: list[int], pixels: NDArray[np.uint8], names: list[str]) -> bytes:
    """A batch as Python 2 wrote it: protocol 2, byte strings, and the array through NumPy's own reconstruction."""

    def short(text: str) -> bytes:
        return b"U" + bytes([len(text)]) + text.encode("latin-1")

    def put(number: int) -> bytes:
        return b"q" + bytes([number])

    raw = pixels.tobytes()
    shape = b"".join(b"M" + struct.pack("<H", size) for size in pixels.shape) + b"\x86"
    item_type = b"cnumpy\ndtype\n" + short("u1") + b"K\x00K\x01\x87R(K\x03" + short("|") + b"NNN"
    item_type += 2 * (b"J" + struct.pack("<i", -1)) + b"K\x00tb"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n" + put(3) + b"cnumpy\nndarray\n" + b"K\x00\x85" + short("b") + b"\x87R"
    )
    array += put(4) + b"(K\x01" + shape + item_type + b"\x89T" + struct.pack("<i", len(raw)) + raw + b"tb"
    items = [
        short("batch_label") + put(1) + short(label),
        short("labels") + b"]" + put(2) + b"(" + b"".join(b"K" + bytes([value]) for value in labels) + b"e",
        short("data") + array,
        short("filenames") + b"](" + b"".join(map(short, names)) + b"e",
    ]
    return b"\x80\x02}" + put(0) + b"(" + b"".join(items) + b"u."


def tarred(contents: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz" if compressed else "w") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def picture(value: int, *, width: int = 8, height: int = 8, kind: str = "JPEG") -> bytes:
    """An image of one gray value, which JPEG keeps exactly."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (value, value, value)).save(stream, kind, quality=95)
    return stream.getvalue()


def put(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
