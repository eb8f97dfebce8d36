"""A first version of an entries file, to be changed."""

import re
from keyword import iskeyword
from pathlib import Path

from .registry import find_entries

TEMPLATE = '''"""{title}: say in one sentence what it does."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from salbench.baselines.architectures import MLP, TCN
from salbench.baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS
from salbench.baselines.training import Recipe, TrainingState
from salbench.benchmark.entry import entries
from salbench.datasets import DIGITS, MIDDLE, Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class {class_name}(Recipe):
    """Source: the publication, and every departure from it."""

    reference: ClassVar[str] = "yourname2026title"

    penalty_weight: float = 0.1  # a hyperparameter; all of them are part of a result's identity

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """The number to descend on for one batch; draw noise from state.generator alone."""
        inputs = batch.inputs.detach().requires_grad_()
        error = cross_entropy(model(inputs), batch.targets)
        (gradient,) = torch.autograd.grad(error, inputs, create_graph=True)
        return error + self.penalty_weight * gradient.flatten(1).square().sum(dim=1).mean()


ENTRIES = entries(
    training="{name}",
    recipe={class_name}(),
    datasets=[DIGITS, MIDDLE],
    architectures=[MLP, TCN],
    saliency=[GRADIENT, INTEGRATED_GRADIENTS],
)
'''


def new(name: str, folder: Path) -> Path:
    """Write NAME.py with a training method that works and can be changed.

    Args:
        name: of the training method, in lower case with underscores, e.g. gradient_penalty.
        folder: where to write.

    Returns:
        The file.

    Raises:
        ValueError: a name that is no Python name in lower case, or that another training method has.
        FileExistsError: there is such a file already; it is left as it is.
        NotADirectoryError: there is no such folder.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"a name has lower case letters, digits and underscores, such as my_method, got {name!r}")
    words = name.split("_")
    class_name = "".join(word.capitalize() for word in words)
    if iskeyword(name) or iskeyword(class_name):
        raise ValueError(f"{name!r} is a word of Python's own; choose another name, such as my_{name}")
    if name in {entry.training for entry in find_entries().installed}:
        raise ValueError(f"there is a training method {name!r} already; choose another name, such as my_{name}")
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}; make it first, or name another with --folder")
    path = folder / f"{name}.py"
    if path.exists():
        raise FileExistsError(f"{path} is there already and was left as it is; choose another name or folder")
    text = TEMPLATE.format(title=" ".join(words).capitalize(), class_name=class_name, name=name)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
