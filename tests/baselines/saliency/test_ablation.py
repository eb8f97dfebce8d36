"""Feature ablation, occlusion and the segments they use, against plain loops."""

import torch
from torch import Tensor, nn

from salbench.baselines.models import output_of
from salbench.baselines.saliency.ablation import feature_ablation, occlusion
from salbench.baselines.saliency.segments import block_shape, blocks, share_out, single_features
from salbench.datasets import Samples


def some_samples(shape: tuple[int, ...], count: int = 4) -> Samples:
    generator = torch.Generator().manual_seed(1)
    return Samples(
        inputs=torch.randn((count, *shape), generator=generator),
        targets=torch.arange(count) % 2,
        ids=torch.arange(count),
        fill=torch.randn((count, *shape), generator=generator),
    )


def model_for(shape: tuple[int, ...]) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(shape).numel(), 6), nn.Tanh(), nn.Linear(6, 2)).eval()


def fall(model: nn.Module, samples: Samples, removed: Tensor) -> Tensor:
    with torch.no_grad():
        whole = output_of(model(samples.inputs), samples.targets, "log_odds")
        without = output_of(model(torch.where(removed, samples.fill, samples.inputs)), samples.targets, "log_odds")
    return whole - without


class TestSegments:
    def test_images_have_squares_over_all_channels(self) -> None:
        numbers = blocks((3, 28, 28))
        assert len(numbers.unique()) == 49
        assert (numbers == numbers[:1]).all()
        assert (numbers[0, :4, 4:8] == 1).all()
        assert (numbers[0, 4:8, :4] == 7).all()

    def test_small_images_and_tables_have_single_features(self) -> None:
        assert torch.equal(blocks((1, 8, 8)), single_features((1, 8, 8)))
        assert torch.equal(blocks((30,)), torch.arange(30))

    def test_there_are_at_most_eight_blocks_an_axis(self) -> None:
        for shape in [(1, 9, 8), (3, 224, 100), (50, 50), (12, 5), (101, 3)]:
            numbers = blocks(shape)
            assert numbers.max() + 1 == len(numbers.unique()) <= 64
            assert int(numbers.flatten().bincount().max()) <= torch.Size(block_shape(shape)).numel()

    def test_shares_keep_the_sum(self) -> None:
        segments = torch.tensor([[0, 0, 1], [2, 2, 2]])
        shares = share_out(torch.tensor([4.0, 1.0, 6.0]), segments)
        assert shares.tolist() == [[2.0, 2.0, 1.0], [2.0, 2.0, 2.0]]


class TestFeatureAblation:
    def test_each_feature_of_a_table_gets_its_own_fall(self) -> None:
        model, samples = model_for((5,)), some_samples((5,))
        maps = feature_ablation(model, samples, 0)
        for feature in range(5):
            torch.testing.assert_close(maps[:, feature], fall(model, samples, torch.arange(5) == feature))

    def test_a_block_of_a_series_shares_its_fall(self) -> None:
        shape = (11, 3)
        model, samples, numbers = model_for(shape), some_samples(shape), blocks(shape)
        maps = feature_ablation(model, samples, 0)
        for number in numbers.unique():
            inside = numbers == number
            torch.testing.assert_close(maps[:, inside].sum(dim=1), fall(model, samples, inside))
            assert (maps[:, inside] == maps[:, inside][:, :1]).all()


class TestOcclusion:
    def test_it_is_the_mean_fall_over_the_windows_on_a_feature(self) -> None:
        shape = (2, 10, 12)  # blocks of 2 × 2, windows of 4 × 4
        model, samples = model_for(shape), some_samples(shape)
        total, windows = torch.zeros_like(samples.inputs), torch.zeros(shape)
        for top in range(0, 8, 2):
            for left in range(0, 10, 2):
                removed = torch.zeros(shape, dtype=torch.bool)
                removed[:, top : top + 4, left : left + 4] = True
                total += fall(model, samples, removed)[:, None, None, None] * removed
                windows += removed
        torch.testing.assert_close(occlusion(model, samples, 0), total / windows)

    def test_the_rest_of_an_axis_is_covered_too(self) -> None:
        samples = some_samples((19, 2))  # blocks of 3 × 1, windows of 6 × 2
        model = model_for((19, 2))
        assert (occlusion(model, samples, 0) != 0).all()
