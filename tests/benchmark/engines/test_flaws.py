"""Maps that say nothing or do not add up are counted in every record, and named below the table."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from salbench.baselines.saliency import SaliencyMethod
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.planning import make_plan
from salbench.datasets import Samples
from salbench.metrics import ACCURACY
from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record
from salbench.results.store import Store
from salbench.results.tables import tables

from ..conftest import make_entries, make_suite


def half_constant(model: nn.Module, samples: Samples, seed: int) -> Tensor:
    """The contribution of each feature to the log-odds of the linear model; every other map is all ones."""
    weight = model.get_parameter("weight")
    toward = weight[samples.targets] - weight[1 - samples.targets]
    maps = samples.inputs * toward
    maps[samples.ids % 2 == 0] = 1.0
    return maps.detach()


ADDS_UP = SaliencyMethod(
    name="half",
    version=1,
    explain=half_constant,
    signed=True,
    complete=True,
    description="contributions, and ones",
    reference="shrikumar2017learning",
)


def run(folder: Path, method: SaliencyMethod) -> list[Record]:
    suite = replace(make_suite(metrics=(ACCURACY,), seeds=(0, 1)), saliency=(method,), controls=())
    with Store(folder) as store:
        plan = make_plan(suite, make_entries(saliency=(method,)))
        return Engine(store=store, data=folder, device=torch.device("cpu")).run(plan)


def test_they_are_counted_and_named(tmp_path: Path) -> None:
    records = run(tmp_path, ADDS_UP)
    assert [record.degenerate for record in records] == [10, 10]
    assert all(9 <= record.incomplete <= 10 for record in records)
    (table,) = tables(Leaderboard.from_records(records))
    assert "half: 20 maps have one value everywhere (regular)" in table.notes
    assert any("do not sum to the difference of outputs that they explain (regular)" in note for note in table.notes)


def test_a_method_that_promises_no_sum_is_not_held_to_it(tmp_path: Path) -> None:
    records = run(tmp_path, replace(ADDS_UP, name="free", complete=False))
    assert [record.incomplete for record in records] == [0, 0]
