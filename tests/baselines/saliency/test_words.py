"""Methods that only replace parts of the input explain texts of word ids as they are."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.saliency.ablation import feature_ablation
from salbench.baselines.saliency.completeness import completeness_gap
from salbench.baselines.saliency.surrogate import kernel_shap, lime
from salbench.datasets import Samples

WORTH = torch.tensor([0.0, 0.0, 3.0, -1.0, 2.0])  # of each word; 0 is the padding, 1 the unknown word


class BagOfWords(nn.Module):
    def forward(self, tokens: Tensor) -> Tensor:
        evidence = WORTH[tokens].sum(dim=1)
        return torch.stack([-evidence, evidence], dim=1)


@pytest.mark.parametrize("explain", [feature_ablation, kernel_shap, lime])
def test_each_word_has_its_worth_and_padding_none(explain: Callable[[nn.Module, Samples, int], Tensor]) -> None:
    tokens = torch.tensor([[2, 3, 4, 1, 0, 0], [4, 3, 0, 0, 0, 0]])
    removable = tokens != 0
    samples = Samples(
        inputs=tokens,
        targets=torch.tensor([1, 0]),
        ids=torch.tensor([6, 2]),
        fill=removable.long(),
        removable=removable,
    )
    expected = 2 * WORTH[tokens] * torch.tensor([[1.0], [-1.0]])
    maps = explain(BagOfWords(), samples, 0)
    assert maps.dtype == torch.float32
    estimate = explain is lime
    torch.testing.assert_close(maps, expected, rtol=0.15 if estimate else 1e-4, atol=0.05 if estimate else 1e-3)
    if explain is not lime:
        assert completeness_gap(BagOfWords(), samples, maps).max() < 1e-4
