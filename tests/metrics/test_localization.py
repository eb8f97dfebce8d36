"""Each metric against masks ranks the truth above chance and chance above its opposite."""

from dataclasses import replace

import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import uniform
from salbench.metrics import Case, Metric
from salbench.metrics.detection import EVIDENCE_AUROC, EVIDENCE_AVERAGE_PRECISION
from salbench.metrics.pointing_game import POINTING_GAME
from salbench.metrics.relevance_mass import RELEVANCE_MASS
from salbench.metrics.top_units import RELEVANCE_RANK, TOP_K_INTERSECTION

LOCALIZATION = (
    EVIDENCE_AUROC,
    EVIDENCE_AVERAGE_PRECISION,
    POINTING_GAME,
    RELEVANCE_MASS,
    RELEVANCE_RANK,
    TOP_K_INTERSECTION,
)
every_metric = pytest.mark.parametrize("metric", LOCALIZATION, ids=lambda metric: metric.name)


def box_case(kind: str, count: int = 100) -> Case:
    """One-channel pictures whose evidence is a box; the maps are the box in noise, noise, or noise without the box."""
    ids = torch.arange(count)
    masks = torch.zeros(count, 1, 12, 12, dtype=torch.bool)
    masks[:, :, 3:8, 4:9] = True
    noise = uniform(ids, (1, 12, 12), seed=0, purpose="direction test maps")
    maps = {"truth": noise + masks, "chance": noise, "opposite": noise - 0.9 * noise * masks}[kind]
    samples = Samples(
        inputs=torch.zeros_like(noise),
        targets=torch.zeros_like(ids),
        ids=ids,
        fill=torch.zeros_like(noise),
        masks=masks,
    )
    return Case(samples=samples, attributions=maps, modality=Modality.IMAGE)


@every_metric
def test_truth_above_chance_above_its_opposite(metric: Metric) -> None:
    truth, chance, opposite = (metric.score(box_case(kind)).mean() for kind in ("truth", "chance", "opposite"))
    assert metric.higher_is_better
    assert truth > chance > opposite


@every_metric
def test_chance_is_the_share_of_the_mask_but_for_the_area(metric: Metric) -> None:
    expected = 0.5 if metric is EVIDENCE_AUROC else 25 / 144
    assert metric.score(box_case("chance")).mean().item() == pytest.approx(expected, abs=0.05)


@every_metric
def test_order_and_batch_change_nothing(metric: Metric) -> None:
    case = box_case("chance")
    case = replace(case, attributions=(case.attributions * 4).round())  # ties
    order = torch.arange(99, 40, -1)
    part = replace(case, samples=case.samples[order], attributions=case.attributions[order])
    assert torch.equal(metric.score(part), metric.score(case)[order])


def test_metrics_of_one_sort_share_it() -> None:
    case = box_case("truth")
    scores = {metric.name: metric.score(case) for metric in LOCALIZATION}
    for metric in LOCALIZATION:
        assert torch.equal(metric.score(box_case("truth")), scores[metric.name])
