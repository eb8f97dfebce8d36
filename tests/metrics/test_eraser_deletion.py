"""ERASER's pair with deletion, against a mirror in plain Python and numpy of the published definitions."""

from math import ceil

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, perturbation_curves
from salbench.metrics.eraser_deletion import (
    DELETED,
    ERASER_COMPREHENSIVENESS,
    ERASER_COMPREHENSIVENESS_PAPER,
    ERASER_SUFFICIENCY,
    ERASER_SUFFICIENCY_PAPER,
    eraser_comprehensiveness,
    eraser_sufficiency,
)

BINS = (0.01, 0.05, 0.1, 0.2, 0.5)
CLEAN = torch.tensor([[0.2, 0.8]]).log()  # predicts class 1
PERTURBED = torch.tensor([[[0.2, 0.8]], [[0.4, 0.6]], [[0.6, 0.4]], [[0.9, 0.1]], [[0.9, 0.1]]]).log()


class Reader(nn.Module):
    """Reads a text word by word to its end, with a memory, so that order, length and every word count."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.words = torch.randn(60, 4, generator=generator, dtype=torch.float64)
        self.turn = torch.randn(4, 4, generator=generator, dtype=torch.float64) / 2

    def forward(self, tokens: Tensor) -> Tensor:
        memory = torch.zeros(len(tokens), 4, dtype=torch.float64)
        for place in range(tokens.shape[1]):
            read = torch.tanh(memory @ self.turn + self.words[tokens[:, place]])
            memory = torch.where((tokens[:, place] != 0).unsqueeze(1), read, memory)
        return 3 * memory[:, :3]


def documents() -> tuple[list[list[int]], list[int], NDArray[np.float64]]:
    """Rows of ids with document, separator, query, separator; how long each document is; and scores."""
    generator = np.random.default_rng(0)
    lengths = [1, 2, 3, 20, 37, 50]
    rows = [[*generator.integers(3, 60, size=length).tolist(), 2, 7, 8, 2] for length in lengths]
    return rows, lengths, generator.normal(size=(len(rows), 54))


def mirror(averaging: str) -> tuple[list[float], list[float]]:
    """The definitions, text by text, on lists of their own length."""
    rows, lengths, scores = documents()
    model = Reader().eval()

    def probabilities(row: list[int]) -> NDArray[np.float64]:
        logits = model(torch.tensor([row])).numpy()[0]
        powers: NDArray[np.float64] = np.exp(logits - logits.max())
        powers /= powers.sum()
        return powers

    found: tuple[list[float], list[float]] = ([], [])
    for row, length, score in zip(rows, lengths, scores, strict=True):
        order = np.argsort(-np.abs(score[:length]))
        whole = probabilities(row)
        predicted = whole.argmax()
        drops: tuple[list[float], list[float]] = ([], [])
        for share in (0.0, *BINS) if averaging == "paper" else BINS:
            top = set(order[: ceil(round(share * length, 9))].tolist())
            without = [word for place, word in enumerate(row) if place not in top]
            alone = [word for place, word in enumerate(row) if place in top or place >= length]
            drops[0].append(whole[predicted] - probabilities(without)[predicted])
            drops[1].append(whole[predicted] - probabilities(alone)[predicted])
        for scored, drop in zip(found, drops, strict=True):
            scored.append(float(np.mean(drop)))
    return found


def case() -> Case:
    rows, lengths, scores = documents()
    inputs = torch.tensor([row + [0] * (54 - len(row)) for row in rows])
    removable = torch.arange(54) < torch.tensor(lengths).unsqueeze(1)
    samples = Samples(
        inputs=inputs,
        targets=torch.zeros(len(rows), dtype=torch.int64),
        ids=torch.arange(len(rows)),
        fill=inputs.masked_fill(removable, 1),
        removable=removable,
    )
    maps = torch.from_numpy(scores)
    curves = perturbation_curves(Reader().eval(), samples, maps, Modality.TEXT, protocol=DELETED)
    return Case(samples=samples, attributions=maps, modality=Modality.TEXT, curves={DELETED: curves})


def test_equals_the_published_definitions() -> None:
    for averaging, metrics in (
        ("code", (ERASER_COMPREHENSIVENESS, ERASER_SUFFICIENCY)),
        ("paper", (ERASER_COMPREHENSIVENESS_PAPER, ERASER_SUFFICIENCY_PAPER)),
    ):
        for metric, expected in zip(metrics, mirror(averaging), strict=True):
            assert metric.score(case()).tolist() == pytest.approx(expected, abs=1e-12), metric.name


def test_the_papers_average_is_five_sixths_of_the_codes() -> None:
    # drops 0, 0.2, 0.4, 0.7, 0.7
    assert eraser_comprehensiveness(CLEAN, PERTURBED).item() == pytest.approx(2.0 / 5)
    assert eraser_comprehensiveness(CLEAN, PERTURBED, averaging="paper").item() == pytest.approx(2.0 / 6)


def test_for_sufficiency_the_empty_text_comes_first() -> None:
    empty = torch.tensor([[0.5, 0.5]]).log()
    assert eraser_sufficiency(CLEAN, PERTURBED).item() == pytest.approx(2.0 / 5)
    assert eraser_sufficiency(CLEAN, PERTURBED, empty, averaging="paper").item() == pytest.approx(2.3 / 6)
    with pytest.raises(ValueError, match="needs the logits of the texts without any token"):
        eraser_sufficiency(CLEAN, PERTURBED, averaging="paper")


def test_unknown_averages_and_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="averaging must be one of"):
        eraser_comprehensiveness(CLEAN, PERTURBED, averaging="mine")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\(B, \*\(1, 2\)\), got \(1, 2\)"):
        eraser_sufficiency(CLEAN, CLEAN)


def test_it_is_for_text_alone_and_has_a_name_of_its_own() -> None:
    metrics = (
        ERASER_COMPREHENSIVENESS,
        ERASER_SUFFICIENCY,
        ERASER_COMPREHENSIVENESS_PAPER,
        ERASER_SUFFICIENCY_PAPER,
    )
    assert {metric.name for metric in metrics}.isdisjoint({"comprehensiveness", "sufficiency"})
    assert all(metric.modalities == {Modality.TEXT} for metric in metrics)
