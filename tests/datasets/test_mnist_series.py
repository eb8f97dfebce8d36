"""MNIST as a series: which axis is time."""

import pytest
import torch

from salbench.datasets import MNIST, Modality, Split, data_root, status
from salbench.datasets.files.source import Source
from salbench.datasets.mnist_series import MNIST_SERIES, columns_as_steps


def test_a_step_is_a_column_and_a_feature_is_a_row() -> None:
    images = torch.arange(6.0).view(1, 1, 2, 3)  # 0 1 2 above 3 4 5
    assert columns_as_steps(images).tolist() == [[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]]


def test_the_declaration_is_that_of_mnist_as_a_series() -> None:
    assert (MNIST_SERIES.modality, MNIST_SERIES.shape) == (Modality.SERIES, (28, 28))
    assert MNIST_SERIES.source == MNIST.source
    assert MNIST_SERIES.classes == 10


@pytest.mark.slow
def test_the_samples_are_those_of_mnist() -> None:
    assert isinstance(MNIST.source, Source)
    root = data_root()
    if any(file.state != "present" for file in status(MNIST.source, root)):
        pytest.skip("the files of MNIST are not in the data folder")
    images, series = MNIST.load(root, Split.TEST), MNIST_SERIES.load(root, Split.TEST)
    assert torch.equal(series.inputs[5, 9], images.inputs[5, 0, :, 9])
    assert torch.equal(series.targets, images.targets)
    assert torch.equal(series.ids, images.ids)
    assert series.fill.unique().tolist() == pytest.approx([-0.4242], abs=1e-4)
