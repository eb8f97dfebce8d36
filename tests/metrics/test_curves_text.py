"""Perturbation of texts and of samples with protected units, against a plain loop over lists."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import SHARED, Fill, Protocol, perturbation_curves
from salbench.metrics.eraser_deletion import DELETED
from salbench.metrics.removal_count import removal_counts

LENGTHS = (9, 1, 4, 7, 2, 9)


class Words(nn.Module):
    """Logits of word ids, which tell every place and every word apart, padding included."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.randn(9, 50, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)

    def forward(self, tokens: Tensor) -> Tensor:
        assert tokens.dtype == torch.int64
        return self.table[torch.arange(tokens.shape[1]), tokens].sum(dim=1)


def texts() -> Samples:
    """Texts of several lengths whose last word, if there are more than two, is protected; the last has only such."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randint(3, 50, (6, 9), generator=generator)
    places = torch.arange(9)
    lengths = torch.tensor(LENGTHS).unsqueeze(1)
    inputs[places >= lengths] = 0
    removable = (places < lengths) & ~((places == lengths - 1) & (lengths > 2))
    removable[5] = False
    fill = inputs.masked_fill(removable, 1)
    return Samples(inputs=inputs, targets=torch.arange(6) % 3, ids=torch.arange(6) + 40, fill=fill, removable=removable)


def plain_loop(model: nn.Module, samples: Samples, maps: Tensor, protocol: Protocol, *, most: bool) -> Tensor:
    assert samples.removable is not None
    logits = []
    for percent in protocol.most if most else protocol.least:
        for inputs, fill, free, scores in zip(samples.inputs, samples.fill, samples.removable, maps, strict=True):
            units = [unit for unit in range(inputs.numel()) if free.flatten()[unit]]
            units.sort(key=lambda unit, scores=scores: abs(scores.flatten()[unit].item()), reverse=most)  # type: ignore[misc]
            count = (len(units) * percent + 99) // 100
            if protocol.rounds_kept_up and not most:
                count = len(units) - (len(units) * (100 - percent) + 99) // 100
            elif units:
                count = min(count, max(1, len(units) - 1))
            gone = set(units[:count])
            if protocol.fill is Fill.DELETE:
                kept = [word for place, word in enumerate(inputs.tolist()) if place not in gone]
                perturbed = torch.tensor(kept + [0] * len(gone))
            else:
                perturbed = inputs.clone()
                for unit in gone:
                    perturbed.view(-1)[unit] = fill.reshape(-1)[unit]
            logits.append(model(perturbed[None])[0])
    return torch.stack(logits).view(-1, len(samples), 3)


@pytest.mark.parametrize("pairs", [1, 7, 64, 4096])
@pytest.mark.parametrize("protocol", [SHARED, DELETED, replace(SHARED, fill=Fill.DELETE)], ids=lambda item: item.name)
def test_texts_equal_a_plain_loop_for_any_chunk(protocol: Protocol, pairs: int) -> None:
    samples, model = texts(), Words().eval()
    maps = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(3))
    curves = perturbation_curves(model, samples, maps, Modality.TEXT, protocol=protocol, pairs=pairs)
    most, least = (plain_loop(model, samples, maps, protocol, most=order) for order in (True, False))
    torch.testing.assert_close(curves.most, most, rtol=0, atol=1e-12)
    torch.testing.assert_close(curves.least, least, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [Modality.SERIES, Modality.TABULAR])
def test_protected_numbers_equal_a_plain_loop(
    kind: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(kind), make_model(kind)
    removable = torch.rand(samples.inputs.shape, generator=torch.Generator().manual_seed(4)) < 0.6
    removable[0] = False
    samples = replace(samples, removable=removable)
    maps = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    curves = perturbation_curves(model, samples, maps, kind, pairs=50)
    with torch.no_grad():
        most, least = (plain_loop(model, samples, maps, SHARED, most=order) for order in (True, False))
    torch.testing.assert_close(curves.most, most, rtol=0, atol=1e-12)
    torch.testing.assert_close(curves.least, least, rtol=0, atol=1e-12)


def test_protected_pixels_stay_with_all_their_channels_and_their_region(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.IMAGE)  # 3 x 4 x 5
    removable = torch.ones_like(samples.inputs, dtype=torch.bool)
    removable[:, 1, 0, 0] = False
    removable[:, :, 3, 4] = False
    samples = replace(samples, removable=removable)
    protocol = Protocol(name="regions", most=(99,), least=(99,), region=2)
    curves = perturbation_curves(nn.Flatten().eval(), samples, samples.inputs, Modality.IMAGE, protocol=protocol)
    for logits in (curves.most[0], curves.least[0]):
        changed = (logits.view_as(samples.inputs) != samples.inputs).any(dim=1)
        assert not changed[:, :2, :2].any()
        assert not changed[:, 2:, 4].any()
        assert changed.sum(dim=(1, 2)).min() >= 10  # of 14 pixels in four regions, all but one region


def test_all_removable_is_the_same_as_saying_nothing(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    maps = samples.inputs.round()  # with ties
    said = replace(samples, removable=torch.ones_like(samples.inputs, dtype=torch.bool))
    first, second = (perturbation_curves(model, each, maps, modality) for each in (samples, said))
    assert torch.equal(first.most, second.most)
    assert torch.equal(first.least, second.least)


def test_orders_are_exact_reverses_among_ties_and_more_padding_changes_nothing() -> None:
    class Seen(nn.Module):
        def forward(self, tokens: Tensor) -> Tensor:
            return tokens[:, :9].double()

    samples = texts()
    constant = torch.ones(samples.inputs.shape)
    curves = perturbation_curves(Seen().eval(), samples, constant, Modality.TEXT)
    assert samples.removable is not None
    for row, free in enumerate(samples.removable):
        total = int(free.sum())
        for percent in range(10, 100, 10):
            removed = curves.at(percent, most_relevant_first=True)[row] != samples.inputs[row]
            kept = curves.at(100 - percent, most_relevant_first=False)[row] == samples.inputs[row]
            assert not (removed & ~free).any()
            if total and total * percent % 100 == 0:
                assert torch.equal(removed, kept & free)
    wider = Samples(
        targets=samples.targets,
        ids=samples.ids,
        **{
            name: nn.functional.pad(getattr(samples, name), (0, 5), value=0) for name in ("inputs", "fill", "removable")
        },
    )
    again = perturbation_curves(Seen().eval(), wider, torch.ones(wider.inputs.shape), Modality.TEXT)
    assert torch.equal(again.most, curves.most)
    assert torch.equal(again.least, curves.least)


def test_counts_of_a_document() -> None:
    # 1, 5, 10, 20, 50 % of 30 are deleted, rounded up; and 50, 20, 10, 5, 1, 0 % are kept, rounded up
    assert removal_counts(30, DELETED) == [1, 2, 3, 6, 15, 15, 24, 27, 28, 29, 30]
    assert removal_counts(1, DELETED) == [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert set(removal_counts(0, DELETED)) == set(removal_counts(0, SHARED)) == {0}


def test_fills_that_text_does_not_have_are_refused() -> None:
    samples = texts()
    for fill in (Fill.MEAN, Fill.UNIFORM):
        with pytest.raises(ValueError, match=rf"int64 cannot be replaced by the fill {fill}"):
            Protocol(name="wrong", most=(10,), least=(), fill=fill).replacement(samples, Modality.TEXT, seed=0)


def test_only_text_gets_shorter(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TABULAR)
    with pytest.raises(ValueError, match="only text gets shorter when units are deleted, got tabular"):
        perturbation_curves(nn.Identity().eval(), samples, samples.inputs, Modality.TABULAR, protocol=DELETED)
    with pytest.raises(ValueError, match="1 to 99, got 100"):
        Protocol(name="wrong", most=(), least=(100,))
