from base64 import b64decode

import pytest
import torch

from salbench.datasets.base import Modality, Samples
from salbench.results.page.pictures import SIDE, chosen_samples, inputs_payload, maps_payload


def decoded(values: str) -> list[int]:
    """The signed bytes of a map."""
    return [byte - 256 if byte > 127 else byte for byte in b64decode(values)]


def samples(inputs: torch.Tensor, **fields: torch.Tensor) -> Samples:
    count = torch.arange(len(inputs))
    return Samples(inputs=inputs, targets=count % 2, ids=count + 5, fill=torch.zeros_like(inputs), **fields)


def test_samples_take_turns_among_classes() -> None:
    assert chosen_samples(torch.tensor([0, 0, 0, 1, 2]), 4) == [0, 3, 4, 1]
    assert chosen_samples(torch.tensor([1]), 4) == [0]


def test_map_is_a_share_of_its_largest_value() -> None:
    (picture,) = maps_payload(torch.tensor([[1.0, -2.0, 0.0]]), Modality.TABULAR)
    assert picture["scale"] == 2
    assert decoded(picture["values"]) == [64, -127, 0]


def test_map_of_zeros_stays_zero() -> None:
    (picture,) = maps_payload(torch.zeros(1, 3), Modality.TABULAR)
    assert picture == {"scale": 0, "values": "AAAA"}


def test_pixel_is_the_mean_over_channels() -> None:
    maps = torch.tensor([[[[1.0, -1.0]], [[3.0, 1.0]]]])  # (1, 2, 1, 2)
    (picture,) = maps_payload(maps, Modality.IMAGE)
    assert (picture["scale"], decoded(picture["values"])) == (2, [127, 0])


def test_large_images_are_averaged_down() -> None:
    big = 2 * SIDE
    found = inputs_payload(samples(torch.rand(2, 3, big, big)), Modality.IMAGE)
    assert found["shape"] == [SIDE, SIDE]
    assert len(b64decode(found["samples"][0]["values"])) == 3 * SIDE * SIDE
    (picture,) = maps_payload(torch.ones(1, 3, big, big), Modality.IMAGE)
    assert decoded(picture["values"]) == [127] * SIDE**2


def test_image_bytes_have_channels_last() -> None:
    image = torch.tensor([[[[0.0]], [[0.5]], [[1.0]]]])
    (sample,) = inputs_payload(samples(image), Modality.IMAGE)["samples"]
    assert list(b64decode(sample["values"])) == [0, 128, 255]
    assert (sample["id"], sample["target"], sample["channels"]) == (5, 0, 3)


def test_words_are_named_and_padding_is_left_out() -> None:
    tokens = torch.tensor([[2, 0, 9, 0, 0]])
    (sample,) = inputs_payload(samples(tokens), Modality.TEXT, ["[PAD]", "[UNK]", "film"])["samples"]
    assert sample["values"] == ["film", "[PAD]", "#9"]
    assert sample["length"] == 3


def test_evidence_is_a_byte_a_unit() -> None:
    masks = torch.tensor([[True, False, True]])
    (sample,) = inputs_payload(samples(torch.zeros(1, 3), masks=masks), Modality.TABULAR)["samples"]
    assert list(b64decode(sample["evidence"])) == [1, 0, 1]


@pytest.mark.parametrize(
    ("modality", "shape"), [(Modality.IMAGE, (1, 4, 5)), (Modality.SERIES, (6, 3)), (Modality.TABULAR, (7,))]
)
def test_maps_fill_the_shape_of_their_inputs(modality: Modality, shape: tuple[int, ...]) -> None:
    inputs = torch.rand(2, *shape)
    found = inputs_payload(samples(inputs), modality)
    size = torch.Size(found["shape"]).numel()
    assert [len(b64decode(picture["values"])) for picture in maps_payload(inputs, modality)] == [size, size]
