"""LIME and KernelSHAP: a linear model of the output over segments that are there or replaced, through captum."""

from collections.abc import Callable, Iterator
from functools import partial
from math import comb
from typing import Any

import numpy as np
import torch
from captum.attr import LimeBase
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from ...datasets.base import Modality, Samples
from ...datasets.randomness import stream
from ..models import Output
from .base import SaliencyMethod
from .explained import Explained
from .segments import Segments, blocks, share_out

Coalitions = tuple[NDArray[np.bool_], NDArray[np.float64]]  # which segments are there (P, S), weight of each row (P,)
Fit = Callable[[Tensor, Tensor, Tensor], Tensor]  # presence (P, S), outputs and weights (P,) to coefficients (S,)
ROWS = 512  # perturbed inputs in one forward pass
MOST = 64  # segments that take part whatever they hold; as many as `blocks` makes of an image or a series


def lime(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    perturbations: int = 256,
    kernel_width: float = 0.25,
    penalty: float = 1.0,
    segments: Segments = blocks,
) -> Tensor:
    """Coefficients of a ridge regression of the output on which segments are there, shape (N, *F).

    Segments are kept or replaced by the fill with equal chance; a row counts by its likeness to the whole input.
    Which segments take part: see `taking_part`. The others get zero.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples of any kind, texts of word ids among them.
        seed: of the perturbations, which are drawn per sample id.
        output: what is explained.
        perturbations: perturbed inputs for each sample, the whole one among them.
        kernel_width: sigma of the weight exp(-D² / sigma²), D the cosine distance of the row from all ones.
        penalty: of the ridge regression; scaled by nothing, as in the authors' package.
        segments: what is kept or replaced together.

    Source:
        ribeiro2016should, section 3. Departures: no choice of K features; square roots of the weights and a ridge
        penalty of 1, as the authors' package has it; square blocks instead of superpixels; a coefficient is shared
        out over its segment's features.
    """
    draw = partial(_kept_with_equal_chance, perturbations=perturbations, kernel_width=kernel_width)
    return _surrogate(model, samples, seed, output, segments, "lime", draw, partial(_ridge, penalty=penalty))


def kernel_shap(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    perturbations: int = 256,
    segments: Segments = blocks,
) -> Tensor:
    """Shapley values of the segments, estimated by a weighted regression and shared out, shape (N, *F).

    A map sums to the difference between the outputs for the input and for the fill. With so few segments that
    all coalitions are at most `perturbations`, the values are exact. Which segments take
    part: see `taking_part`. The others get zero.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples of any kind, texts of word ids among them.
        seed: of the coalitions, which are drawn per sample id.
        output: what is explained.
        perturbations: coalitions for each sample, beside the whole input and the fill.
        segments: the players of the game.

    Source:
        lundberg2017unified, theorem 2; each coalition comes with its complement, and the sum is a constraint of the
        regression, both as in covert2021improving. captum's KernelShap does neither, has a weight of 10⁶ for
        a constraint, and draws from the global generator.
    """
    draw = partial(_shapley_coalitions, perturbations=perturbations)
    return _surrogate(model, samples, seed, output, segments, "kernel_shap", draw, _fixed_sum)


def _surrogate(
    model: nn.Module,
    samples: Samples,
    seed: int,
    output: Output,
    segments: Segments,
    purpose: str,
    draw: Callable[[np.random.Generator, int], Coalitions],
    fit: Fit,
) -> Tensor:
    """The coefficients of one regression a sample, on the segments that take part."""
    numbers = segments(tuple(samples.inputs.shape[1:])).to(samples.inputs.device)
    maps = torch.zeros(samples.inputs.shape, device=samples.inputs.device)
    for row in range(len(samples)):
        inputs, fill = samples.inputs[row : row + 1], samples.fill[row : row + 1]
        active = taking_part(numbers, inputs[0], fill[0], None if samples.removable is None else samples.removable[row])
        if len(active):
            drawn = draw(stream(purpose, seed, int(samples.ids[row])), len(active))
            regression = _Regression(numbers, active, fill, drawn, fit)
            coefficients = regression.explain(Explained(model, output), inputs, samples.targets[row : row + 1])
            values = maps.new_zeros(int(numbers.max()) + 1)
            values[active] = coefficients.to(values)
            maps[row] = share_out(values, numbers)
    return maps


def taking_part(numbers: Tensor, inputs: Tensor, fill: Tensor, removable: Tensor | None) -> Tensor:
    """The segments on which a sample's output is regressed.

    All of them, so that a little noise on a blank background draws no other coalitions; but of more than `MOST` only
    those that differ from the fill, since so many words that a text does not have would drown those that it has. Where
    something cannot be removed, such as the padding of a text, only the segments that can.

    Args:
        numbers: the segment of each feature, shape F.
        inputs: shape F.
        fill: shape F.
        removable: shape F, or None where all are.
    """
    active = inputs != fill if removable is None else removable
    everything: Tensor = numbers.unique()
    some: Tensor = numbers[active].unique()
    return everything if removable is None and len(everything) <= MOST else some


class _Regression:
    """One sample's regression, in the pieces that captum's LimeBase asks for."""

    def __init__(self, numbers: Tensor, active: Tensor, fill: Tensor, drawn: Coalitions, fit: Fit) -> None:
        self.numbers, self.active, self.fill = numbers, active, fill
        self.presence = torch.from_numpy(drawn[0]).to(fill.device)
        self.weights: Iterator[float] = iter(drawn[1].tolist())
        self.fitted = fit

    def explain(self, explained: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        """The coefficients of the active segments."""
        method = LimeBase(
            explained,
            interpretable_model=self,
            similarity_func=self.weight,
            perturb_func=self.rows,
            perturb_interpretable_space=True,
            from_interp_rep_transform=self.perturbed,
            to_interp_rep_transform=None,
        )
        count = len(self.presence)
        coefficients: Tensor = method.attribute(
            inputs,
            additional_forward_args=(targets,),
            n_samples=count,
            perturbations_per_eval=min(count, ROWS),
        )
        return coefficients

    def rows(self, inputs: Tensor) -> Iterator[Tensor]:
        yield from self.presence.split(1)

    def weight(self, *_: Tensor) -> float:
        return next(self.weights)

    def perturbed(self, row: Tensor, inputs: Tensor) -> Tensor:
        there = row.new_zeros(int(self.numbers.max()) + 1)
        there[self.active] = row[0]
        return torch.where(there[self.numbers], inputs, self.fill)

    def fit(self, rows: DataLoader[Any]) -> None:
        assert isinstance(rows.dataset, TensorDataset)  # not iterated over: a loader draws from the global generator
        self.coefficients = self.fitted(*(tensor.double().cpu() for tensor in rows.dataset.tensors))

    def representation(self) -> Tensor:
        return self.coefficients


def _kept_with_equal_chance(
    generator: np.random.Generator, count: int, *, perturbations: int, kernel_width: float
) -> Coalitions:
    there = generator.random((perturbations, count)) < 0.5
    there[0] = True
    distance = 1 - np.sqrt(there.mean(axis=1))  # the cosine distance between a row and all ones
    return there, np.exp(-((distance / kernel_width) ** 2) / 2)


def _shapley_coalitions(generator: np.random.Generator, count: int, *, perturbations: int) -> Coalitions:
    """The whole, the empty one, and all others with the Shapley kernel's weights or a sample drawn by them."""
    ends = np.array([[True] * count, [False] * count])
    sizes = np.arange(1, count)
    if 2**count - 2 <= perturbations:
        every = (np.arange(1, 2**count - 1)[:, None] >> np.arange(count)) % 2 == 1
        kernel = np.array([0.0, *((count - 1) / (comb(count, k) * k * (count - k)) for k in sizes.tolist())])
        return np.concatenate([ends, every]), np.concatenate([[1.0, 1.0], kernel[every.sum(axis=1)]])
    chances = 1 / (sizes * (count - sizes))
    drawn = generator.choice(sizes, size=(perturbations + 1) // 2, p=chances / chances.sum())
    ranks = generator.random((len(drawn), count)).argsort(axis=1).argsort(axis=1)
    half = ranks < drawn[:, None]
    pairs = np.stack([half, ~half], axis=1).reshape(-1, count)[:perturbations]
    return np.concatenate([ends, pairs]), np.ones(len(pairs) + 2)


def _ridge(presence: Tensor, outputs: Tensor, weights: Tensor, *, penalty: float) -> Tensor:
    """Weighted ridge regression with a free intercept; zeros for equal outputs."""
    outputs = outputs - outputs[0]  # the intercept takes it up; what is left of equal ones is no rounding
    share = weights / weights.sum()
    centered = presence - share @ presence
    gram = centered.T @ (weights[:, None] * centered) + penalty * torch.eye(presence.shape[1], dtype=presence.dtype)
    coefficients: Tensor = torch.linalg.solve(gram, centered.T @ (weights * (outputs - share @ outputs)))
    return coefficients


def _fixed_sum(presence: Tensor, outputs: Tensor, weights: Tensor) -> Tensor:
    """Weighted least squares through the first two rows, the whole and the empty one; of least norm if not unique."""
    count = presence.shape[1]
    equal = (outputs[0] - outputs[1]) / count
    if len(presence) == 2:  # a single segment
        return equal.repeat(count)
    rows, scale = presence[2:], weights[2:, None].sqrt()
    rest = outputs[2:] - outputs[1] - rows.sum(dim=1) * equal
    centered = rows - rows.mean(dim=1, keepdim=True)  # so that the correction sums to zero
    correction: Tensor = torch.linalg.lstsq(scale * centered, scale * rest[:, None], driver="gelsd").solution[:, 0]
    return equal + correction


LIME = SaliencyMethod(
    name="lime",
    version=2,
    explain=lime,
    signed=True,
    description="ridge regression on 256 inputs with blocks replaced by the fill",
    reference="ribeiro2016should",
    modalities=frozenset(Modality),
)
KERNEL_SHAP = SaliencyMethod(
    name="kernel_shap",
    version=2,
    explain=kernel_shap,
    signed=True,
    description="Shapley values of blocks from 256 coalitions",
    reference="lundberg2017unified",
    modalities=frozenset(Modality),
    complete=True,
)
