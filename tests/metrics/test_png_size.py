from collections.abc import Callable
from io import BytesIO

import matplotlib.image
import numpy as np
import pytest
import torch
from PIL import Image

from salbench.datasets import Modality
from salbench.metrics import Case
from salbench.metrics.png_size import PNG_KILOBYTES, _png_bytes, png_kilobytes


def noise(count: int = 4) -> torch.Tensor:
    return torch.randn(count, 28, 28, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_size_by_hand() -> None:
    # signature 8, header 25, end 12, and the data in a chunk of 12 + its deflated bytes: 2 rows of 1 + 2 bytes
    size = png_kilobytes(torch.tensor([[[0.0, -1.0], [2.0, 0.0]]])).item() * 1000
    assert 8 + 25 + 12 + 12 + 6 <= size <= 8 + 25 + 12 + 12 + 6 + 11


def test_the_picture_can_be_read_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(16, 16)
    file = BytesIO()
    Image.fromarray(levels.numpy()).save(file, format="PNG")
    assert file.tell() == _png_bytes(levels)
    read = matplotlib.image.imread(BytesIO(file.getvalue()), format="png")
    assert np.array_equal((read * 255).round(), levels.numpy())


def test_noise_is_larger_than_a_block() -> None:
    block = torch.zeros(1, 28, 28, dtype=torch.float64)
    block[0, 5:12, 5:12] = 1.0
    cluttered, simple = png_kilobytes(noise(1)).item(), png_kilobytes(block).item()
    assert 0.6 < cluttered < 0.9
    assert 0.05 < simple < 0.12


def test_a_map_without_a_range_is_nan_and_does_not_disturb_the_others() -> None:
    planes = torch.cat([torch.zeros(1, 28, 28), torch.full((1, 28, 28), -2.0), noise(1)])
    assert png_kilobytes(planes).isnan().tolist() == [True, True, False]
    assert png_kilobytes(planes)[2] == png_kilobytes(noise(1))[0]
    assert png_kilobytes(torch.ones(1, 1, 1)).isnan().all()


@pytest.mark.parametrize("scale", [2.0**-40, 2.0**40, -1.0])
def test_neither_scale_nor_sign_nor_order_changes_anything(scale: float) -> None:
    assert torch.equal(png_kilobytes(noise() * scale), png_kilobytes(noise()))
    assert torch.equal(png_kilobytes(noise().flip(0)).flip(0), png_kilobytes(noise()))


def test_small_values_are_not_flattened() -> None:
    torch.testing.assert_close(png_kilobytes(noise() * 1e-12), png_kilobytes(noise()), rtol=0.01, atol=0)


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES], ids=str)
def test_a_picture_has_the_shape_of_the_sample(modality: Modality, make_case: Callable[..., Case]) -> None:
    case = make_case(modality)
    maps = case.attributions.mean(dim=1) if modality is Modality.IMAGE else case.attributions
    assert torch.equal(PNG_KILOBYTES.score(case), png_kilobytes(maps))
    assert PNG_KILOBYTES.obstacle(case) is None


def test_tables_and_text_are_no_pictures(make_case: Callable[..., Case]) -> None:
    assert PNG_KILOBYTES.obstacle(make_case(Modality.TEXT)) == "not defined for text data, only for image, series"


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_map_that_is_not_finite_has_none(bad: float) -> None:
    assert png_kilobytes(torch.tensor([[[bad, 1.0], [2.0, 3.0]]])).isnan().all()
