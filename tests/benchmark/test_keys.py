"""Keys never change: a store that was measured yesterday must still be found."""

from dataclasses import asdict, replace

import pytest

from salbench.baselines.saliency import GRADIENT, SMOOTHGRAD
from salbench.benchmark.identity import describe_recipe, digest, identify
from salbench.benchmark.keys import Keys, explain_key, failure_key, perturb_key, record_key, train_key
from salbench.benchmark.planning import Model, make_plan
from salbench.datasets import Dataset
from salbench.datasets.base import Counterfactual
from salbench.metrics import ACCURACY, AUP_COUNT, GINI, SUFFICIENCY_AOPC
from salbench.metrics.base import Metric
from salbench.metrics.protocol import SHARED

from .conftest import POINTS, make_entries, make_suite

WEIGHTS, MAPS = "w" * 64, "a" * 64
CHANGED = replace(POINTS, name="changed")
SHORTCUT = replace(GINI, name="shortcut", counterfactuals=("flipped",))


def model(dataset: Dataset = POINTS) -> Model:
    made = make_plan(make_suite(), make_entries(), seeds=(3,)).models[0]
    return replace(made, dataset=dataset)


def test_key_of_a_training_is_the_digest_of_its_description() -> None:
    one = model()
    recipe = digest(describe_recipe(one.recipe, one.budget))
    assert train_key(one) == digest(["train", identify(POINTS), identify(one.architecture), recipe, 3])


@pytest.mark.parametrize("samples", [None, 100])
def test_key_of_maps_is_the_digest_of_their_description(samples: int | None) -> None:
    scaled = {"inputs": 0.5, "fill": 0.5}
    settings: list[object] = [samples, ["train", "test"], scaled, 3]
    described = ["explain", identify(POINTS), settings, identify(SMOOTHGRAD), WEIGHTS]
    key = explain_key(model(), SMOOTHGRAD, samples, weights=WEIGHTS, splits=("train", "test"), scale=0.5)
    assert key == digest(described)
    described[2] = [samples, ["test"], 1.0, 3]
    assert explain_key(model(), SMOOTHGRAD, samples, weights=WEIGHTS) == digest(described)


def test_key_of_curves_is_the_digest_of_their_description() -> None:
    described = ["perturb", identify(POINTS), None, 3, asdict(SHARED), WEIGHTS, MAPS]
    assert perturb_key(model(), SHARED, None, weights=WEIGHTS, attributions=MAPS) == digest(described)


@pytest.mark.parametrize(
    ("metric", "needs"),
    [
        (GINI, [MAPS]),
        (AUP_COUNT, [MAPS]),
        (ACCURACY, [WEIGHTS, MAPS]),
        (SUFFICIENCY_AOPC, [WEIGHTS, MAPS]),
        (SHORTCUT, [WEIGHTS, MAPS, identify(CHANGED)]),
    ],
)
def test_key_of_a_number_holds_the_weights_only_where_the_metric_reads_the_model(
    metric: Metric, needs: list[str]
) -> None:
    dataset = replace(POINTS, counterfactuals=(Counterfactual("flipped", CHANGED), Counterfactual("absent", POINTS)))
    names = ["points/linear/regular", "gradient"]
    described = ["measure", names, identify(dataset), 20, 3, identify(metric), needs]
    assert record_key(model(dataset), GRADIENT, metric, 20, weights=WEIGHTS, attributions=MAPS) == digest(described)


def test_key_of_a_failure_is_the_digest_of_its_description() -> None:
    described = ["failure", "points/linear/regular", train_key(model()), identify(GRADIENT), identify(GINI), None]
    assert failure_key(model(), GRADIENT, GINI, None) == digest(described)


def test_keys_of_many_tasks_are_those_of_each_alone() -> None:
    keys, metrics = Keys(), (GINI, ACCURACY, SHORTCUT)
    for one in (model(), model(CHANGED), model()):
        assert keys.train(one) == train_key(one)
        found = keys.records(one, GRADIENT, metrics, None, weights=WEIGHTS, attributions=MAPS)
        assert found == [
            record_key(one, GRADIENT, metric, None, weights=WEIGHTS, attributions=MAPS) for metric in metrics
        ]
        assert keys.failures(one, GRADIENT, metrics, None) == [
            failure_key(one, GRADIENT, metric, None) for metric in metrics
        ]


def test_other_objects_at_the_same_place_in_memory_get_other_keys() -> None:
    """Described objects are kept alive, so an address cannot be used again while it means something."""
    keys = Keys()
    assert len({keys.train(model(replace(POINTS, version=version))) for version in range(50)}) == 50
