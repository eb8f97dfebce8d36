from collections.abc import Callable

import captum.metrics
import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import expand_units, unit_maps
from salbench.metrics.infidelity import infidelity, least_squared_error, random_blocks

SHAPES = {Modality.IMAGE: (3, 6, 9), Modality.SERIES: (8, 3), Modality.TABULAR: (7,), Modality.TEXT: (9,)}


def test_error_of_the_best_multiple_by_hand() -> None:
    drops = torch.tensor([[0.2, 0.4], [0.2, 0.4], [0.4, -0.2], [0.2, 0.4]])
    relevance = torch.tensor([[1.0, 2.0], [1.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    # a multiple; only the second unexplained; at right angles; a map of zeros
    expected = [0.0, 0.16 / 2, 0.2 / 2, 0.2 / 2]
    assert least_squared_error(relevance, drops).tolist() == pytest.approx(expected)
    for scale in (-3.0, 1e-20):
        assert least_squared_error(relevance * scale, drops).tolist() == pytest.approx(expected)


def test_zero_maps_a_still_model_and_a_single_unit() -> None:
    inputs = torch.rand(2, 1)
    samples = Samples(inputs=inputs, targets=torch.zeros(2).long(), ids=torch.arange(2), fill=torch.zeros_like(inputs))
    model = nn.Linear(1, 2).eval()
    assert infidelity(model, samples, torch.full((2, 1), 0.3), Modality.TABULAR).abs().max() < 1e-12
    clean, gone = (model(values).softmax(dim=1)[:, 0] for values in (inputs, samples.fill))
    zeros = infidelity(model, samples, torch.zeros(2, 1), Modality.TABULAR)
    assert zeros.tolist() == pytest.approx((clean - gone).square().tolist(), rel=1e-4)
    nn.init.zeros_(model.weight)
    assert infidelity(model, samples, torch.ones(2, 1), Modality.TABULAR).tolist() == [0.0, 0.0]


def test_equals_captum_on_the_same_blocks(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    attributions = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    shape = tuple(samples.inputs.shape[1:])
    blocks = random_blocks(samples.ids, shape, modality, draws=20, seed=3)
    features = expand_units(blocks, shape, modality).flatten(0, 1)

    def remove(inputs: Tensor) -> tuple[Tensor, Tensor]:
        fill = samples.fill.repeat_interleave(20, dim=0)
        return features.to(inputs), torch.where(features, fill, inputs)

    expected = captum.metrics.infidelity(
        lambda inputs: model(inputs).softmax(dim=1),
        remove,
        samples.inputs,
        attributions,
        target=samples.targets,
        n_perturb_samples=20,
        max_examples_per_batch=6 * 20,
        normalize=True,
    )
    found = infidelity(model, samples, unit_maps(attributions, modality), modality, draws=20, seed=3)
    torch.testing.assert_close(found, expected.detach())


def test_exact_contributions_to_a_nearly_linear_probability_have_no_infidelity() -> None:
    inputs = torch.randn(4, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64) / 1000
    samples = Samples(inputs=inputs, targets=torch.zeros(4).long(), ids=torch.arange(4), fill=torch.zeros_like(inputs))
    model = nn.Linear(10, 2, bias=False, dtype=torch.float64).eval()
    truth = inputs * (model.weight[0] - model.weight[1]).detach()
    zeros = infidelity(model, samples, torch.zeros_like(truth), Modality.TABULAR)
    assert (infidelity(model, samples, truth, Modality.TABULAR) < 1e-4 * zeros).all()


def test_blocks_lie_together_inside_the_sample(modality: Modality) -> None:
    shape = SHAPES[modality]
    blocks = random_blocks(torch.arange(5), shape, modality, draws=40, seed=0)
    for block in blocks.flatten(0, 1):
        if modality is Modality.IMAGE:
            rows, columns = block.view(shape[1:]).nonzero(as_tuple=True)
            side = len(rows.unique())
            assert side == len(columns.unique()) == rows.max() - rows.min() + 1 == columns.max() - columns.min() + 1
            assert len(rows) == side**2
            assert 1 <= side <= 3
        elif modality is Modality.TABULAR:
            assert 1 <= block.sum() <= 3
        else:
            times = block.view(shape[0], -1)
            assert torch.equal(times.any(dim=1), times.all(dim=1))  # all features of a time
            places = times.any(dim=1).nonzero()
            assert len(places) == places.max() - places.min() + 1 <= 4
    assert blocks.flatten(0, 1).any(dim=0).all()  # every unit is removed at times
    assert torch.equal(random_blocks(torch.tensor([3]), shape, modality, draws=40, seed=0)[0], blocks[3])
