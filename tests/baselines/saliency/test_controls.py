"""Controls against the worst and the best map that can be named."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from salbench.baselines.saliency.controls import constant, edge_filter, input_itself, inverted, oracle, random
from salbench.baselines.saliency.gradients import gradient
from salbench.datasets import Modality, Samples
from salbench.metrics.units import unit_maps


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 8), nn.Tanh(), nn.Linear(8, 2))


@pytest.fixture
def samples() -> Samples:
    """Four 6×4 images of two channels whose evidence is a 3×2 box."""
    torch.manual_seed(1)
    masks = torch.zeros(4, 2, 6, 4, dtype=torch.bool)
    masks[:, :, 1:4, 1:3] = True
    return Samples(
        inputs=torch.randn(4, 2, 6, 4),
        targets=torch.tensor([0, 1, 1, 0]),
        ids=torch.tensor([9, 2, 40, 0]),
        fill=torch.zeros(4, 2, 6, 4),
        masks=masks,
    )


class TestOracle:
    def test_the_evidence_gets_one_over_rank_squared(self, model: nn.Module, samples: Samples) -> None:
        maps = oracle(model, samples, 0)
        assert samples.masks is not None
        assert (maps[~samples.masks] == 0).all()
        inside = maps[samples.masks].view(4, 12).sort(dim=1, descending=True).values
        torch.testing.assert_close(inside, (1 / torch.arange(1.0, 13.0) ** 2).expand(4, 12))

    def test_the_order_inside_differs_by_sample(self, model: nn.Module, samples: Samples) -> None:
        peaks = oracle(model, samples, 0).flatten(1).argmax(dim=1)
        assert len(peaks.unique()) > 1

    def test_a_sample_without_evidence_has_an_empty_map(self, model: nn.Module, samples: Samples) -> None:
        without = replace(samples, masks=torch.zeros_like(samples.inputs, dtype=torch.bool))
        assert (oracle(model, without, 0) == 0).all()

    def test_it_needs_masks(self, model: nn.Module, samples: Samples) -> None:
        with pytest.raises(ValueError, match="oracle needs samples with masks"):
            oracle(model, replace(samples, masks=None), 0)


class TestInverted:
    def test_nothing_lies_on_the_evidence(self, model: nn.Module, samples: Samples) -> None:
        maps = inverted(model, samples, 0)
        assert samples.masks is not None
        assert (maps[samples.masks] == 0).all()
        assert (maps[~samples.masks] > 0).all()

    def test_without_evidence_it_reverses_the_order_of_the_absolute_gradient(
        self, model: nn.Module, samples: Samples
    ) -> None:
        """Pixel by pixel: metrics rank images by the mean over their channels."""
        blind = replace(samples, masks=None)
        maps = inverted(model, blind, 0)
        magnitude = unit_maps(gradient(model, blind, 0), Modality.IMAGE).abs()
        assert torch.equal(unit_maps(maps, Modality.IMAGE).argsort(dim=1), magnitude.argsort(dim=1, descending=True))
        assert (maps.flatten(1).amin(dim=1) == 0).all()


class TestEdgeFilter:
    @pytest.mark.parametrize("shape", [(1, 8, 8), (3, 7, 5)])
    def test_it_is_the_magnitude_of_sobel_with_replicated_borders(
        self, model: nn.Module, shape: tuple[int, ...]
    ) -> None:
        inputs = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
        samples = Samples(
            inputs=inputs, targets=torch.zeros(3, dtype=torch.int64), ids=torch.arange(3), fill=torch.zeros_like(inputs)
        )
        for plane, map_ in zip(inputs.flatten(0, 1), edge_filter(model, samples, 0).flatten(0, 1), strict=True):
            slopes = [ndimage.sobel(plane.numpy(), axis=axis, mode="nearest") for axis in (0, 1)]
            np.testing.assert_allclose(map_.numpy(), np.hypot(*slopes), rtol=1e-4, atol=1e-5)

    def test_a_flat_image_has_no_edges(self, model: nn.Module, samples: Samples) -> None:
        flat = replace(samples, inputs=torch.full_like(samples.inputs, 0.5))
        assert (edge_filter(model, flat, 0) == 0).all()


class TestOthers:
    def test_random_follows_the_id_and_not_the_place(self, model: nn.Module, samples: Samples) -> None:
        maps = random(model, samples, 0)
        assert torch.equal(random(model, samples[torch.tensor([2, 0])], 0), maps[[2, 0]])
        renamed = replace(samples, ids=samples.ids + 1)
        assert not (random(model, renamed, 0) == maps).any()

    def test_random_is_uniform(self, model: nn.Module) -> None:
        inputs = torch.zeros(1, 100_000)
        samples = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=inputs)
        shares = random(model, samples, 0).histc(bins=10, min=0, max=1) / 100_000
        torch.testing.assert_close(shares, torch.full((10,), 0.1), rtol=0.05, atol=0)

    def test_the_input_is_its_own_map(self, model: nn.Module, samples: Samples) -> None:
        assert torch.equal(input_itself(model, samples, 0), samples.inputs)

    def test_constant_has_no_preference(self, model: nn.Module, samples: Samples) -> None:
        assert constant(model, samples, 0).unique().tolist() == [1.0]
