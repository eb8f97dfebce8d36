from dataclasses import replace

import pytest

from salbench.baselines.saliency import EDGE_FILTER, GRADIENT, ORACLE, RANDOM, SMOOTHGRAD
from salbench.baselines.training import SaliencyGuided
from salbench.benchmark.planning import make_plan

from .conftest import POINTS, make_entries, make_suite


def test_each_model_is_planned_once_a_seed_with_all_its_methods() -> None:
    suite = replace(make_suite(), saliency=(GRADIENT, SMOOTHGRAD))
    plan = make_plan(suite, make_entries(saliency=(GRADIENT, SMOOTHGRAD)))
    assert [model.seed for model in plan.models] == [0, 1]
    assert [method.name for method in plan.models[0].methods] == ["gradient", "smoothgrad", "oracle", "random"]


def test_seeds_are_the_outer_loop_so_that_a_stopped_run_has_whole_tables() -> None:
    plan = make_plan(make_suite(), [*make_entries("a"), *make_entries("b")])
    assert [(model.training, model.seed) for model in plan.models] == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_controls_that_do_not_fit_are_left_out() -> None:
    blind = replace(POINTS, evidence=False)
    suite = replace(make_suite(), datasets=(blind,), controls=(ORACLE, EDGE_FILTER, RANDOM))
    entries = [replace(entry, dataset=blind) for entry in make_entries()]
    assert [method.name for method in make_plan(suite, entries).models[0].methods] == ["gradient", "random"]


def test_suite_takes_only_what_it_asks_for_and_extra_entries_always() -> None:
    suite = replace(make_suite(), trainings=("regular",))
    known = [*make_entries(), *make_entries("other")]
    assert {model.training for model in make_plan(suite, known).models} == {"regular"}
    extra = make_entries("mine", saliency=(SMOOTHGRAD,))
    assert {model.training for model in make_plan(suite, known, extra=extra).models} == {"regular", "mine"}


def test_one_name_for_two_models_is_refused() -> None:
    entries = [*make_entries("same"), *make_entries("same", recipe=SaliencyGuided(), saliency=(SMOOTHGRAD,))]
    with pytest.raises(ValueError, match="two different models are called points/linear/same"):
        make_plan(replace(make_suite(), saliency=(GRADIENT, SMOOTHGRAD)), entries)


def test_one_name_for_two_saliency_methods_is_refused() -> None:
    other = replace(GRADIENT, version=2)
    entries = [*make_entries("a"), *make_entries("b", saliency=(other,))]
    with pytest.raises(ValueError, match="two different saliency methods are called 'gradient'"):
        make_plan(replace(make_suite(), saliency=(GRADIENT, other)), entries)


def test_filters_keep_what_matches_one_name_of_every_key() -> None:
    entries = [*make_entries("a"), *make_entries("b"), *make_entries("c")]
    plan = make_plan(
        make_suite(), entries, only={"training": ["a", "c"], "saliency": ["random"], "metric": ["gini"]}, seeds=[5]
    )
    assert [(model.training, model.seed) for model in plan.models] == [("a", 5), ("c", 5)]
    assert [method.name for method in plan.models[0].methods] == ["random"]
    assert [metric.name for metric in plan.metrics] == ["gini"]


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ({"trainings": ["regular"]}, "no filter 'trainings'; did you mean 'training'"),
        ({"saliency": ["gradiant"]}, "no saliency 'gradiant'; did you mean 'gradient'"),
        ({"dataset": ["xyz"]}, "no dataset 'xyz'. There are: points; see `salbench list datasets`"),
    ],
)
def test_unknown_filter_gets_the_nearest_name(only: dict[str, list[str]], message: str) -> None:
    with pytest.raises(KeyError, match=message):
        make_plan(make_suite(), make_entries(), only=only)


def test_suite_without_entries_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is left of suite 'tiny': it has no entries"):
        make_plan(make_suite(), [])


def test_filters_that_exclude_each_other_are_refused() -> None:
    other = replace(POINTS, name="other", evidence=False)
    extra = [replace(entry, dataset=other) for entry in make_entries()]
    only = {"dataset": ["other"], "saliency": ["oracle"]}
    message = "it has each of dataset=other, saliency=oracle, but nothing that is all of them"
    with pytest.raises(ValueError, match=message):
        make_plan(make_suite(), make_entries(), extra=extra, only=only)


def test_a_metric_of_quantus_may_be_named_whether_the_suite_has_it_or_not() -> None:
    pytest.importorskip("quantus")
    plan = make_plan(make_suite(), make_entries(), only={"metric": ["quantus:Sparseness", "accuracy"]})
    assert [metric.name for metric in plan.metrics] == ["accuracy", "quantus:Sparseness"]
    with pytest.raises(KeyError, match="Sparseness"):
        make_plan(make_suite(), make_entries(), only={"metric": ["quantus:Sparsenes"]})


@pytest.mark.parametrize("name", ["a/b", "a@b", "my\N{NO-BREAK SPACE}data", "two\nlines", " a", ""])
@pytest.mark.parametrize("kind", ["dataset", "architecture", "saliency"])
def test_a_name_that_no_table_or_store_can_hold_is_refused(kind: str, name: str) -> None:
    entry = make_entries()[0]
    with pytest.raises(ValueError, match="must be printable text without /, @ or spaces at its ends, got"):
        replace(entry, **{kind: replace(getattr(entry, kind), name=name)})
