"""Architectures that start from weights in a safetensors file, such as those of torchvision."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from .base import Architecture

COUNTER = "num_batches_tracked"  # of batch norm; older files lack it, and nothing here reads it


def pretrained(architecture: Architecture, path: Path, *, label: str, head: str = "") -> Architecture:
    """The same architecture, started from the weights in a file.

    The name ends in the label and the first digits of the file's SHA-256, so two files never pass for one, and a file
    may be moved. Convert a checkpoint with `safetensors.torch.save_file(model.state_dict(), path)`.

    Args:
        architecture: whose layers the file has.
        path: the safetensors file.
        label: what the weights are, e.g. "imagenet"; letters, digits and underscores.
        head: the layer that may be new, as in `load_weights`: "fc" for resnet18; for vgg16 "classifier.6" to change
            the classes alone, "classifier" to change the whole classifier, as vgg16_bird does.

    Returns:
        An architecture named `{architecture.name}_{label}_{digest}`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a label with other characters; it would not fit into the names of entries.
    """
    if not label.isidentifier():
        raise ValueError(f"a label must be made of letters, digits and underscores, got {label!r}")
    digest = _sha256(path)
    return replace(
        architecture,
        name=f"{architecture.name}_{label}_{digest[:12]}",
        build=_FromFile(build=architecture.build, head=head, digest=digest, path=path.resolve()),
        description=f"{architecture.description}; starts from {label} weights, SHA-256 {digest[:12]}",
    )


def load_weights(model: nn.Module, path: Path, *, head: str = "") -> tuple[str, ...]:
    """Put the weights of a safetensors file into a model, in place.

    Args:
        model: its `state_dict` has the names and shapes of the file.
        path: the safetensors file.
        head: the name of a layer that may differ from the file's. If any of its tensors does, all of them stay as
            they were drawn.

    Returns:
        The names of the head's tensors that were not loaded: none, or all.

    Raises:
        FileNotFoundError: no such file.
        KeyError: the model has no layer called `head`.
        ValueError: not a safetensors file, or names missing, unexpected or of another shape outside the head.
    """
    layers = {name for name, _ in model.named_modules() if name}
    if head and head not in layers:
        near = get_close_matches(head, layers, n=1)
        raise KeyError(f"the model has no layer {head!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    found, expected = _read(path), model.state_dict()
    wrong = _differences(found, expected)
    inside = {name for name in (*found, *expected) if head and name.startswith(head + ".")}
    outside = {kind: [name for name in names if name not in inside] for kind, names in wrong.items()}
    if any(outside.values()):
        listed = "; ".join(f"{kind}: {_some(names, found, expected)}" for kind, names in outside.items() if names)
        raise ValueError(f"the weights in {path.name} do not fit the model; {listed}")
    new = inside if any(wrong.values()) else set()
    model.load_state_dict({name: tensor for name, tensor in found.items() if name not in new}, strict=False)
    return tuple(name for name in expected if name in new)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FromFile:
    """Builds a model and loads weights; where the file lies is no part of what it is."""

    build: Callable[..., nn.Module]
    head: str
    digest: str
    path: Path = field(compare=False)

    def __call__(self, shape: tuple[int, ...], classes: int, *vectors: Tensor) -> nn.Module:
        digest = _sha256(self.path)
        if digest != self.digest:
            raise ValueError(f"{self.path} has changed: its SHA-256 is {digest[:12]}…, it was {self.digest[:12]}…")
        model = self.build(shape, classes, *vectors)
        load_weights(model, self.path, head=self.head)
        return model


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is not a safetensors file: {error}") from error


def _differences(found: dict[str, Tensor], expected: dict[str, Tensor]) -> dict[str, list[str]]:
    return {
        "missing": [name for name in expected if name not in found and not name.endswith(COUNTER)],
        "unexpected": [name for name in found if name not in expected],
        "of another shape": [name for name in expected if name in found and found[name].shape != expected[name].shape],
    }


def _some(names: Collection[str], found: dict[str, Tensor], expected: dict[str, Tensor]) -> str:
    """The first three names, with both shapes where there are two, and how many more there are."""
    shown = []
    for name in list(names)[:3]:
        both = name in found and name in expected
        shown.append(f"{name} {tuple(found[name].shape)}, not {tuple(expected[name].shape)}" if both else name)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(shown) + more
