"""What lies below a quantile, and regions of images."""

import numpy as np
import pytest
import torch

from salbench.baselines.training.lowest import lowest, region_means, spread_regions


class TestLowest:
    @pytest.mark.parametrize(("proportion", "count"), [(0.0, 0), (0.25, 1), (0.3, 2), (0.5, 2), (0.75, 3), (1.0, 4)])
    def test_by_hand(self, proportion: float, count: int) -> None:
        """Of five scores the quantiles 0, 1/4, 1/2, 3/4 and 1 are the scores themselves; the largest is never below."""
        scores = torch.tensor([[5.0, 1.0, 4.0, 2.0, 3.0]])
        chosen = lowest(scores, torch.tensor([proportion], dtype=torch.float64))
        assert chosen.tolist() == (scores <= count).tolist()

    @pytest.mark.parametrize("n", [1, 2, 7, 64, 65])
    @pytest.mark.parametrize("tied", [False, True])
    def test_it_is_what_lies_strictly_below_the_quantile_of_numpy(self, n: int, tied: bool) -> None:
        generator = torch.Generator().manual_seed(n)
        scores = torch.rand(20, n, dtype=torch.float64, generator=generator)
        scores = (4 * scores).round() if tied else scores
        proportions = torch.rand(20, dtype=torch.float64, generator=generator)
        expected = [
            row < np.quantile(row, q)
            for row, q in zip(scores.numpy(), proportions.round(decimals=6).numpy(), strict=True)
        ]
        assert np.array_equal(lowest(scores, proportions.round(decimals=6)).numpy(), np.stack(expected))

    def test_a_proportion_after_many_steps_is_still_the_round_number(self) -> None:
        drifted = torch.tensor([sum([0.1] * 3)], dtype=torch.float64)  # 0.3 and a little more
        assert drifted.item() > 0.3
        scores = torch.arange(11.0, dtype=torch.float64)[None]
        assert lowest(scores, drifted).sum() == 3

    def test_nothing_lies_below_a_quantile_of_zeros(self) -> None:
        scores = torch.tensor([[0.0, 0.0, 0.0, 1.0, 2.0]])
        assert not lowest(scores, torch.tensor([0.5])).any()

    def test_filled_ties_give_the_count_that_there_is_without_ties(self) -> None:
        scores = torch.tensor([[0.0, 0.0, 0.0, 1.0, 2.0]])
        assert lowest(scores, torch.tensor([0.5]), fill_ties=True).tolist() == [[True, True, False, False, False]]

    def test_filling_changes_nothing_without_ties(self) -> None:
        generator = torch.Generator().manual_seed(0)
        scores = torch.rand(50, 31, dtype=torch.float64, generator=generator)
        proportions = torch.rand(50, dtype=torch.float64, generator=generator)
        assert torch.equal(lowest(scores, proportions), lowest(scores, proportions, fill_ties=True))


class TestRegions:
    def test_means_by_hand(self) -> None:
        maps = torch.arange(9.0).view(1, 1, 3, 3)
        assert region_means(maps, 2).tolist() == [[[[2.0, 3.5], [6.5, 8.0]]]]  # the last row and column are narrower

    @pytest.mark.parametrize("side", [1, 2, 3, 5, 9])
    def test_means_go_back_to_the_size_of_the_image(self, side: int) -> None:
        maps = torch.rand(2, 1, 7, 5, generator=torch.Generator().manual_seed(0))
        means = region_means(maps, side)
        assert means.shape == (2, 1, -(-7 // side), -(-5 // side))
        spread = spread_regions(means, side, maps.shape[2:])
        assert spread.shape == maps.shape
        assert torch.allclose(spread[:, :, 0, 0], maps[:, :, :side, :side].mean(dim=(2, 3)))
        assert torch.allclose(spread[:, :, -1, -1], means[:, :, -1, -1])
