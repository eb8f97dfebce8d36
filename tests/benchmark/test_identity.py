import importlib.util
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT, SMOOTHGRAD
from salbench.baselines.saliency.gradients import smoothgrad
from salbench.baselines.training import Recipe, SaliencyGuided
from salbench.benchmark.identity import describe_recipe, digest, identify
from salbench.datasets import DATASETS, Budget, Counts, annotated, annotated_table
from salbench.datasets.decoy import DECOY_DIGITS
from salbench.metrics import METRICS

BUDGET = Budget(epochs=1)

RECIPE = """
from dataclasses import dataclass
from typing import ClassVar
from salbench.baselines.training import Recipe

@dataclass(frozen=True, slots=True, kw_only=True)
class Mine(Recipe):
    reference: ClassVar[str] = "ross2017right"
    def loss(self, model, batch, state):
        return model(batch.inputs).sum()
"""


def test_digest_follows_content_not_order() -> None:
    assert digest({"a": 1, "b": [2.5, None]}) == digest({"b": [2.5, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})
    assert len(digest([])) == 64


def test_version_vouches_for_code_of_salbench() -> None:
    assert identify(MLP) == "mlp@1"
    assert identify(GRADIENT) == "gradient@1"
    assert identify(METRICS[0]) == f"{METRICS[0].name}@{METRICS[0].version}"
    assert identify(DATASETS[0]) == f"digits@{DATASETS[0].version}"


def test_settings_are_part_of_the_identity() -> None:
    fine = replace(SMOOTHGRAD, explain=partial(smoothgrad, draws=64))
    finer = replace(SMOOTHGRAD, explain=partial(smoothgrad, draws=128))
    assert len({identify(SMOOTHGRAD), identify(fine), identify(finer)}) == 3


def test_what_is_known_of_a_data_set_beforehand_decides_nothing() -> None:
    counted = replace(DECOY_DIGITS, counts=Counts(7, 7))
    assert identify(annotated(counted, 3)) == identify(annotated(DECOY_DIGITS, 3))
    assert identify(annotated(counted, 3)) != identify(annotated(counted, 4))


def test_every_hyperparameter_and_the_budget_count() -> None:
    recipes: list[tuple[Recipe, Budget]] = [
        (SaliencyGuided(), BUDGET),
        (SaliencyGuided(divergence_weight=2.0), BUDGET),
        (SaliencyGuided(ranking="absolute"), BUDGET),
        (SaliencyGuided(), Budget(epochs=2)),
    ]
    assert len({digest(describe_recipe(recipe, budget)) for recipe, budget in recipes}) == len(recipes)


def _module(path: Path, name: str, text: str) -> ModuleType:
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_code_from_elsewhere_is_part_of_the_identity_but_its_comments_are_not(tmp_path: Path) -> None:
    texts = [RECIPE, "# a comment\n" + RECIPE, RECIPE.replace("sum()", "mean()")]
    modules = [_module(tmp_path / f"mine{place}.py", f"mine{place}", text) for place, text in enumerate(texts)]
    digests = [digest(describe_recipe(module.Mine(), BUDGET)) for module in modules]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_setting_without_a_canonical_form_is_refused() -> None:
    strange = replace(SMOOTHGRAD, explain=partial(smoothgrad, noise_level=object()))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got object"):
        identify(strange)


def test_data_of_a_users_own_are_known_by_what_they_hold(tmp_path: Path) -> None:
    rows = "a,b,kind\n" + "".join(f"{row},{row % 3},{row % 2}\n" for row in range(20))
    tables = []
    for folder, text in (("here", rows), ("there", rows), ("elsewhere", rows.replace("7,1,1", "7,2,1"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.csv").write_text(text)
        tables.append(annotated_table(tmp_path / folder / "mine.csv", target="kind", ignore=["a"]))
    here, there, elsewhere = map(identify, tables)
    assert here == there != elsewhere
    assert identify(annotated_table(tmp_path / "here" / "mine.csv", target="kind")) != here
