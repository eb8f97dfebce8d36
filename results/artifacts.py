"""Tensors in files that are named by the hash of their bytes."""

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import NoReturn

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from .errors import DamagedArtifact, MissingArtifact, explained

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Artifacts:
    """A folder of safetensors files, each below the first two digits of its SHA-256 digest.

    A file is complete from the moment it has its name, so a killed run leaves no half-written artifact.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, tensors: dict[str, Tensor]) -> str:
        """Keep the tensors.

        Args:
            tensors: of any shape, type and device; views and shared memory are written out in full.

        Returns:
            The digest; the same names, values, shapes and types always give the same one.

        Raises:
            StoreError: the folder cannot be written.
        """
        return self.put_bytes(to_bytes(tensors))

    def put_bytes(self, content: bytes) -> str:
        """Keep tensors that `to_bytes` has turned into bytes, perhaps on another machine; as for `put`."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        with explained(self.folder):
            if not (path.exists() and path.read_bytes() == content):  # a file damaged since is replaced
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, content)
        return digest

    def get(self, digest: str) -> dict[str, Tensor]:
        """Read the tensors of this digest, on the CPU.

        Raises:
            ValueError: not a digest.
            MissingArtifact: there is no such file.
            DamagedArtifact: the file's bytes have another digest; it is renamed to *.damaged.
        """
        content = self.get_bytes(digest)
        try:
            return load(content)
        except (SafetensorError, ValueError, KeyError):  # the right bytes, but never written by `put`
            return self._set_aside(digest)

    def get_bytes(self, digest: str) -> bytes:
        """The bytes of this digest, checked; errors as for `get`."""
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise MissingArtifact(f"no artifact {digest} in {self.folder}; run its task again to make it") from error
        if hashlib.sha256(content).hexdigest() != digest:
            self._set_aside(digest)
        return content

    def _set_aside(self, digest: str) -> NoReturn:
        path = self.path(digest)
        aside = path.with_name(path.name + ".damaged")
        try:
            path.replace(aside)
        except OSError:  # in a store that can only be read
            raise DamagedArtifact(f"artifact {digest} is damaged; run its task again in a store of your own") from None
        raise DamagedArtifact(f"artifact {digest} is damaged and was set aside as {aside}; run its task again")

    def sound(self, digest: str) -> bool:
        """Is there a file of this digest with the right bytes? Nothing is set aside."""
        try:
            with self.path(digest).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest
        except (OSError, ValueError):
            return False

    def has(self, digest: str) -> bool:
        """Is there a file of this digest? Its content is checked only by `get`.

        Raises:
            ValueError: not a digest.
        """
        return self.path(digest).exists()

    def path(self, digest: str) -> Path:
        """Where the artifact of this digest lies, or would lie.

        Raises:
            ValueError: not a digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"a digest has 64 hexadecimal digits in lower case, got {digest!r}")
        return self.folder / digest[:2] / f"{digest}.safetensors"


def to_bytes(tensors: dict[str, Tensor]) -> bytes:
    """Tensors as the bytes of a safetensors file, the same for equal names, values, shapes and types."""
    plain = {name: tensors[name].detach().cpu() for name in sorted(tensors)}
    # A fresh copy of each: safetensors refuses tensors that share memory, such as tied weights.
    return save({name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in plain.items()})


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that has its name only once it is complete."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the name without the bytes
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
