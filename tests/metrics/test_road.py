import numpy as np
import pytest
import torch
from torch import nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case
from salbench.metrics.road import ROAD, impute, imputed, road_area


def test_one_pixel_is_the_weighted_mean_of_its_neighbors() -> None:
    image = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 100.0, 6.0], [7.0, 8.0, 12.0]]])
    removed = torch.zeros(3, 3, dtype=torch.bool)
    removed[1, 1] = True
    assert impute(image, removed)[0, 1, 1].item() == pytest.approx((2 + 4 + 6 + 8) / 6 + (1 + 3 + 7 + 12) / 12)


def test_a_corner_has_three_neighbors() -> None:
    image = torch.tensor([[[100.0, 2.0], [4.0, 8.0]]])
    removed = torch.tensor([[True, False], [False, False]])
    assert impute(image, removed)[0, 0, 0].item() == pytest.approx((2 / 6 + 4 / 6 + 8 / 12) / (5 / 12))


def test_a_plane_is_restored_inside_and_a_constant_everywhere() -> None:
    rows, columns = torch.meshgrid(torch.arange(7.0), torch.arange(9.0), indexing="ij")
    plane = torch.stack([2 * rows - columns, 0.5 * columns])
    removed = torch.zeros(7, 9, dtype=torch.bool)
    removed[2:5, 3:7] = True
    torch.testing.assert_close(impute(plane, removed), plane, rtol=1e-5, atol=1e-5)
    mostly = torch.ones(7, 9, dtype=torch.bool)
    mostly[3, 3] = False
    torch.testing.assert_close(impute(torch.full((1, 7, 9), 3.0), mostly), torch.full((1, 7, 9), 3.0))


def test_it_solves_the_system_that_a_plain_loop_iterates() -> None:
    generator = torch.Generator().manual_seed(0)
    image, removed = torch.rand(1, 5, 6, generator=generator), torch.rand(5, 6, generator=generator) < 0.5
    values = np.where(removed, 0.0, image[0].double())
    for _ in range(2000):
        padded, weights = np.pad(values, 1), np.pad(np.ones_like(values), 1)
        total, norm = np.zeros_like(values), np.zeros_like(values)
        for down in (0, 1, 2):
            for across in (0, 1, 2):
                weight = 0.0 if down == across == 1 else 1 / 6 if 1 in (down, across) else 1 / 12
                total += weight * padded[down : down + 5, across : across + 6]
                norm += weight * weights[down : down + 5, across : across + 6]
        values = np.where(removed, total / norm, values)
    np.testing.assert_allclose(impute(image, removed)[0].numpy(), values, atol=1e-6)


def test_nothing_left_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel must stay"):
        impute(torch.ones(1, 2, 2), torch.ones(2, 2, dtype=torch.bool))


@pytest.fixture
def images() -> Samples:
    inputs = torch.rand(4, 1, 6, 5, generator=torch.Generator().manual_seed(0))
    ids = torch.tensor([3, 1, 4, 5])
    return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros_like(inputs))


def test_kept_pixels_are_untouched_and_noise_depends_on_the_id_alone(images: Samples) -> None:
    less = imputed(images, images.inputs, percent=50)
    assert (less == images.inputs).flatten(1).sum(dim=1).tolist() == [15] * 4
    assert torch.equal(imputed(images[2:], images.inputs[2:], percent=50), less[2:])


class Corner(nn.Module):
    """Class 1 if the first pixel is bright; all else is ignored."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        score = inputs[:, 0, 0, 0] - 0.5
        return torch.stack([-score, score], dim=1)


def test_truth_falls_faster_than_chance_and_chance_faster_than_the_opposite(images: Samples) -> None:
    inputs = torch.full((200, 1, 6, 5), 0.2)
    inputs[::2, 0, 0, 0] = 1.0
    ids = torch.arange(200)
    samples = Samples(inputs=inputs, targets=(ids % 2 == 0).long(), ids=ids, fill=torch.zeros_like(inputs))
    truth = torch.zeros_like(inputs)
    truth[:, 0, 0, 0] = 1.0
    chance = torch.rand(inputs.shape, generator=torch.Generator().manual_seed(0))
    areas = [road_area(Corner().eval(), samples, maps).mean().item() for maps in (truth, chance, 1 - truth)]
    assert areas[0] < areas[1] < areas[2]
    case = Case(samples=samples, attributions=truth, modality=Modality.IMAGE, model=Corner().eval())
    assert ROAD.score(case).mean().item() == pytest.approx(areas[0])


def test_the_image_itself_stays_as_it_was() -> None:
    image = torch.rand(1, 3, 3, dtype=torch.float64)
    before = image.clone()
    impute(image, torch.eye(3, dtype=torch.bool))
    assert torch.equal(image, before)
