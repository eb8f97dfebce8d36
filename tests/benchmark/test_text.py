"""Text through a whole run: word vectors reach the model, tokens are deleted, and other metrics are skipped."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from salbench.baselines.architectures import MEAN_WORDS
from salbench.baselines.saliency import GRADIENT, INVERTED, ORACLE, RANDOM
from salbench.baselines.training import Regular
from salbench.benchmark import Suite
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.entry import entries
from salbench.benchmark.planning import make_plan
from salbench.datasets import Budget, Dataset, Modality, Samples, Split
from salbench.metrics import ACCURACY, GINI, METRICS, ROAR
from salbench.results.record import Record, Status
from salbench.results.store import Store

WORDS, LENGTH, GOOD, BAD = 20, 8, 5, 6
ERASER = tuple(metric for metric in METRICS if metric.name.startswith("eraser_"))


def load_planted(root: Path, split: Split) -> Samples:
    """Texts of 4 to 8 random words, one of which is good or bad and tells the class; the first is never removed."""
    ids = torch.arange(200) if split is Split.TRAIN else torch.arange(200, 240)
    generator = torch.Generator().manual_seed(int(ids[0]))
    tokens = torch.randint(7, WORDS, (len(ids), LENGTH), generator=generator)
    targets = ids % 2
    places = 1 + ids % 3
    tokens[torch.arange(len(ids)), places] = torch.where(targets == 1, GOOD, BAD)
    present = torch.arange(LENGTH) < (4 + ids % 5)[:, None]
    tokens[~present] = 0
    removable = present & (torch.arange(LENGTH) > 0)
    return Samples(
        inputs=tokens,
        targets=targets,
        ids=ids,
        fill=torch.where(present, 1, 0),
        masks=torch.arange(LENGTH) == places[:, None],
        removable=removable,
    )


def vectors(root: Path) -> Tensor:
    return torch.randn(WORDS, 6, generator=torch.Generator().manual_seed(0))


TEXT = Dataset(
    name="planted_text",
    version=1,
    modality=Modality.TEXT,
    shape=(LENGTH,),
    classes=2,
    load=load_planted,
    fill="the unknown word",
    evidence=True,
    budget=Budget(epochs=8, batch_size=20, learning_rate=0.02),
    description="one word decides",
    reference="deyoung2020eraser",
    vectors=vectors,
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    suite = Suite(
        name="text",
        title="Text",
        datasets=(TEXT,),
        architectures=(MEAN_WORDS,),
        saliency=(GRADIENT,),
        controls=(ORACLE, RANDOM, INVERTED),
        metrics=(ACCURACY, *ERASER, GINI, ROAR),
        seeds=(0,),
    )
    made = entries(
        training="regular", recipe=Regular(), datasets=[TEXT], architectures=[MEAN_WORDS], saliency=[GRADIENT]
    )
    folder = tmp_path_factory.mktemp("text")
    with Store(folder) as store:
        return Engine(store=store, data=folder, device=torch.device("cpu")).run(make_plan(suite, made))


def test_every_metric_of_text_has_a_value_and_the_others_say_why_not(records: list[Record]) -> None:
    assert {record.status for record in records if record.metric != "roar_area"} == {Status.OK}
    skipped = next(record for record in records if record.metric == "roar_area")
    assert (skipped.status, skipped.note) == (
        Status.SKIPPED,
        "not defined for text data, only for image, series, tabular",
    )


def test_the_planted_word_is_learned_and_its_deletion_matters_most(records: list[Record]) -> None:
    value = {(record.saliency, record.metric): record.value or 0.0 for record in records}
    assert value["gradient", "accuracy"] > 0.9
    order = [value[control, "eraser_comprehensiveness"] for control in ("oracle", "random", "inverted")]
    assert order == sorted(order, reverse=True)
    assert order[0] > order[1] + 0.1
