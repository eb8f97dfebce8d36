"""Where a long training is: everything that decides how it goes on, written between epochs."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

POINTER = "checkpoint.json"


@dataclass(slots=True, kw_only=True)
class Checkpoint:
    """A folder that holds the latest checkpoint of one training.

    The tensors lie in a safetensors file that is named by the hash of its bytes, and a JSON file that is replaced in
    one step names it: a process that is killed at any moment leaves the old checkpoint or the new one.
    """

    folder: Path
    identity: Mapping[str, Any]  # plain data; a checkpoint of another one is not gone on from
    seconds: float = 60.0  # least time between two checkpoints; a training that is shorter writes none
    _last: float = field(default_factory=perf_counter, init=False)

    def offer(self, take: Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]) -> None:
        """Write what `take` gives, tensors and plain data, if it is time; a full disk costs the checkpoint alone."""
        if perf_counter() - self._last < self.seconds:
            return
        tensors, facts = take()
        try:
            self._write(
                save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}), facts
            )
        except OSError:
            return
        self._last = perf_counter()

    def latest(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Tensors and plain data of the last checkpoint; None if there is none of this identity that is whole."""
        try:
            pointer = json.loads((self.folder / POINTER).read_text(encoding="utf-8"))
            digest, facts = str(pointer["sha256"]), pointer["facts"]
            if pointer["identity"] != json.loads(json.dumps(self.identity)) or not digest.isalnum():
                return None
            content = (self.folder / f"{digest}.safetensors").read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                return None
            return load(content), facts
        except (OSError, ValueError, KeyError, TypeError, RecursionError, SafetensorError):
            return None

    def _write(self, content: bytes, facts: dict[str, Any]) -> None:
        digest = hashlib.sha256(content).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{digest}.safetensors"
        _replace(self.folder / name, content)
        pointer = {"sha256": digest, "identity": self.identity, "facts": facts}
        _replace(self.folder / POINTER, json.dumps(pointer).encode())
        for path in self.folder.iterdir():
            if path.name not in {name, POINTER}:
                path.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
