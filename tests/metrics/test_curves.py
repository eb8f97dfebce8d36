from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import SHARED, Fill, Protocol, perturbation_curves


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
        most = plain_loop(model, samples, attributions, SHARED.most, most_relevant_first=True)
        least = plain_loop(model, samples, attributions, SHARED.least, most_relevant_first=False)
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
    assert len({tuple(row) for row in removed[SHARED.most.index(50)].tolist()}) > 1
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
    samples, tight = table(5, 8), Counting(limit=12).eval()
    expected = perturbation_curves(Counting().eval(), samples, samples.inputs, Modality.TABULAR)
    curves = perturbation_curves(tight, samples, samples.inputs, Modality.TABULAR, pairs=32)
    assert torch.equal(curves.most, expected.most)
    assert sum(tight.sizes) == 5 + 2 * 11 * 5
    assert max(tight.sizes) == 11  # 32 rows hold one sample's 22 steps, halved once
    with pytest.raises(torch.OutOfMemoryError):
        perturbation_curves(Counting(limit=0).eval(), samples, samples.inputs, Modality.TABULAR)


def test_gives_ordinary_tensors_and_leaves_the_inputs_alone() -> None:
    samples = table(3, 4)
    before = samples.inputs.clone()
    curves = perturbation_curves(nn.Identity().eval(), samples, samples.inputs, Modality.TABULAR)
    assert not any(tensor.is_inference() for tensor in (curves.clean, curves.most, curves.least))
    assert curves.most.is_contiguous()
    assert torch.equal(samples.inputs, before)


class TestProtocol:
    @pytest.fixture
    def images(self) -> Samples:
        generator = torch.Generator().manual_seed(0)
        inputs = torch.rand((3, 2, 5, 4), generator=generator)
        ids = torch.tensor([4, 9, 2])
        return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros_like(inputs) - 1)

    def perturbed(self, images: Samples, maps: Tensor, protocol: Protocol) -> Tensor:
        """The inputs at the first percent, most relevant first, shape (N, C, H, W)."""
        model = nn.Flatten().eval()
        curves = perturbation_curves(model, images, maps, Modality.IMAGE, protocol=protocol, seed=3)
        return curves.most[0].view_as(images.inputs)

    def test_regions_are_removed_whole_and_ranked_by_their_mean(self, images: Samples) -> None:
        maps = torch.zeros_like(images.inputs)
        maps[:, :, 4, 0] = 5.0  # of the regions of 2x2 in a 5x4 image, the last row has two of 1x2
        maps[:, :, 0:2, 2:4] = 2.0  # mean 2, below 5/2 of the cut-off region
        protocol = Protocol(name="regions", most=(16,), least=(), region=2)  # 1 of 6 regions
        expected = images.inputs.clone()
        expected[:, :, 4, 0:2] = -1.0
        assert torch.equal(self.perturbed(images, maps, protocol), expected)
        expected[:, :, 0:2, 2:4] = -1.0
        assert torch.equal(self.perturbed(images, maps, replace(protocol, most=(33,))), expected)

    def test_mean_fill_is_the_mean_of_each_channel(self, images: Samples) -> None:
        changed = self.perturbed(images, images.inputs, Protocol(name="mean", most=(99,), least=(), fill=Fill.MEAN))
        means = images.inputs.mean(dim=(2, 3), keepdim=True).expand_as(images.inputs)
        assert ((changed == images.inputs) | (changed == means)).all()
        assert (changed == means).flatten(1).sum(dim=1).tolist() == [38, 38, 38]  # 19 of 20 pixels, both channels

    def test_uniform_fill_lies_in_the_range_and_depends_on_draw_seed_and_id_alone(self, images: Samples) -> None:
        protocol = Protocol(name="uniform", most=(99,), least=(), fill=Fill.UNIFORM)
        changed = self.perturbed(images, images.inputs, protocol)
        assert (changed.amin(dim=(1, 2, 3)) >= images.inputs.amin(dim=(1, 2, 3))).all()
        assert (changed.amax(dim=(1, 2, 3)) <= images.inputs.amax(dim=(1, 2, 3))).all()
        alone = self.perturbed(images[2:], images.inputs[2:], protocol)
        assert torch.equal(alone[0], changed[2])
        assert not torch.equal(changed, self.perturbed(images, images.inputs, replace(protocol, draw=1)))

    @pytest.mark.parametrize("settings", [{"most": (0,)}, {"least": (100,)}, {"region": 0}])
    def test_impossible_settings_are_refused(self, settings: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="must"):
            Protocol(**{"name": "wrong", "most": (), "least": (), **settings})
