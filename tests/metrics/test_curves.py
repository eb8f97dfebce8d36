from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import LEAST_PERCENTS, MOST_PERCENTS, perturbation_curves


class Counting(nn.Module):
    """Passes its inputs on as logits, refuses more rows than fit, and notes the sizes of its batches."""

    def __init__(self, limit: int = 10**9) -> None:
        super().__init__()
        self.limit, self.sizes = limit, list[int]()

    def forward(self, inputs: Tensor) -> Tensor:
        if len(inputs) > self.limit:
            raise torch.OutOfMemoryError
        self.sizes.append(len(inputs))
        return inputs.flatten(1)


def table(count: int, units: int) -> Samples:
    inputs = torch.arange(1.0, count * units + 1).view(count, units)
    zeros = torch.zeros(count, dtype=torch.int64)
    return Samples(inputs=inputs, targets=zeros, ids=torch.arange(count), fill=torch.zeros_like(inputs))


def plain_loop(
    model: nn.Module, samples: Samples, attributions: Tensor, percents: tuple[int, ...], *, most_relevant_first: bool
) -> Tensor:
    """One forward a sample and percent; maps without ties."""
    logits = []
    for percent in percents:
        for inputs, fill, scores in zip(samples.inputs, samples.fill, attributions, strict=True):
            magnitude = (scores.mean(dim=0) if scores.ndim == 3 else scores).abs().flatten()
            units = len(magnitude)
            order = sorted(range(units), key=magnitude.tolist().__getitem__, reverse=most_relevant_first)
            perturbed = inputs.clone()
            for unit in order[: min(max(1, units - 1), (units * percent + 99) // 100)]:
                if inputs.ndim == 3:
                    row, column = divmod(unit, inputs.shape[2])
                    perturbed[:, row, column] = fill[:, row, column]
                else:
                    perturbed.view(-1)[unit] = fill.reshape(-1)[unit]
            logits.append(model(perturbed[None])[0])
    return torch.stack(logits).view(len(percents), len(samples), -1)


def test_removes_the_top_units_and_leaves_the_rest() -> None:
    attributions = torch.tensor([[0.1, -0.9, 0.5, 0.2, 0.3]])
    curves = perturbation_curves(nn.Identity().eval(), table(1, 5), attributions, Modality.TABULAR)
    assert curves.at(40, most_relevant_first=True).tolist() == [[1.0, 0.0, 0.0, 4.0, 5.0]]
    assert curves.at(40, most_relevant_first=False).tolist() == [[0.0, 2.0, 3.0, 0.0, 5.0]]
    assert curves.at(99, most_relevant_first=False).tolist() == [[0.0, 2.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("pairs", [1, 7, 64, 4096])
def test_equals_a_plain_loop_for_any_chunk(
    modality: Modality,
    pairs: int,
    make_samples: Callable[..., Samples],
    make_model: Callable[..., nn.Module],
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    attributions = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    curves = perturbation_curves(model, samples, attributions, modality, pairs=pairs)
    with torch.no_grad():
        most = plain_loop(model, samples, attributions, MOST_PERCENTS, most_relevant_first=True)
        least = plain_loop(model, samples, attributions, LEAST_PERCENTS, most_relevant_first=False)
        torch.testing.assert_close(curves.clean, model(samples.inputs), rtol=0, atol=1e-12)
    torch.testing.assert_close(curves.most, most, rtol=0, atol=1e-12)
    torch.testing.assert_close(curves.least, least, rtol=0, atol=1e-12)


def test_least_relevant_first_is_the_exact_reverse_even_among_ties() -> None:
    samples, constant = table(4, 10), torch.ones(4, 10)
    curves = perturbation_curves(nn.Identity().eval(), samples, constant, Modality.TABULAR)
    for percent in range(10, 100, 10):
        removed = curves.at(percent, most_relevant_first=True) == 0
        kept = curves.at(100 - percent, most_relevant_first=False) != 0
        assert torch.equal(removed, kept)
        assert (removed.sum(dim=1) == percent // 10).all()


def test_a_constant_map_gives_each_sample_another_order_that_follows_its_id() -> None:
    samples, constant = table(6, 10), torch.ones(6, 10)
    removed = perturbation_curves(nn.Identity().eval(), samples, constant, Modality.TABULAR).most == 0
    assert len({tuple(row) for row in removed[MOST_PERCENTS.index(50)].tolist()}) > 1
    backwards = perturbation_curves(nn.Identity().eval(), samples[torch.arange(5, -1, -1)], constant, Modality.TABULAR)
    assert torch.equal((backwards.most == 0).flip(1), removed)


def test_one_feature_is_removed_at_every_percent() -> None:
    curves = perturbation_curves(nn.Identity().eval(), table(2, 1), torch.ones(2, 1), Modality.TABULAR)
    assert curves.clean.tolist() == [[1.0], [2.0]]
    assert not curves.most.any()
    assert not curves.least.any()


def test_costs_one_forward_a_sample_and_grid_point() -> None:
    model = Counting().eval()
    samples = table(5, 8)
    curves = perturbation_curves(model, samples, samples.inputs, Modality.TABULAR, clean=samples.inputs, pairs=13)
    assert sum(model.sizes) == 2 * 11 * 5
    assert max(model.sizes) == 13
    assert curves.clean is samples.inputs


def test_goes_on_in_smaller_chunks_when_memory_runs_out() -> None:
    samples, tight = table(5, 8), Counting(limit=9).eval()
    expected = perturbation_curves(Counting().eval(), samples, samples.inputs, Modality.TABULAR)
    curves = perturbation_curves(tight, samples, samples.inputs, Modality.TABULAR, pairs=32)
    assert torch.equal(curves.most, expected.most)
    assert sum(tight.sizes) == 5 + 2 * 11 * 5
    assert max(tight.sizes) == 8
    with pytest.raises(torch.OutOfMemoryError):
        perturbation_curves(Counting(limit=0).eval(), samples, samples.inputs, Modality.TABULAR)


def test_gives_ordinary_tensors_and_leaves_the_inputs_alone() -> None:
    samples = table(3, 4)
    before = samples.inputs.clone()
    curves = perturbation_curves(nn.Identity().eval(), samples, samples.inputs, Modality.TABULAR)
    assert not any(tensor.is_inference() for tensor in (curves.clean, curves.most, curves.least))
    assert curves.most.is_contiguous()
    assert torch.equal(samples.inputs, before)
