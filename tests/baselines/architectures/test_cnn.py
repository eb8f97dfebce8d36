"""The convolutional network has the published sizes."""

import pytest

from salbench.baselines.architectures import SGT_CNN


def test_parameters_are_the_published_ones_on_mnist() -> None:
    model = SGT_CNN.build((1, 28, 28), 10)
    sizes = [sum(parameter.numel() for parameter in layer.parameters()) for layer in model.children()]
    assert [size for size in sizes if size] == [320, 18_496, 1_179_776, 1_290]


@pytest.mark.parametrize(("shape", "size"), [((1, 28, 28), 9216), ((1, 8, 8), 64 * 4), ((3, 10, 7), 64 * 3 * 1)])
def test_the_first_linear_layer_follows_the_image(shape: tuple[int, ...], size: int) -> None:
    assert SGT_CNN.build(shape, 10).get_submodule("7").in_features == size


def test_images_too_small_for_it_are_refused() -> None:
    SGT_CNN.build((1, 6, 6), 2)
    with pytest.raises(ValueError, match="at least 6x6, got 9x5"):
        SGT_CNN.build((1, 9, 5), 2)
