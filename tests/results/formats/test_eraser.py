"""ERASER's results format: the rules that its scorer checks, and the numbers that it computes."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from salbench.baselines.architectures.mean_words import MeanWords
from salbench.datasets import Modality
from salbench.datasets.eraser import ERASER_ESNLI_TASK, EraserPart, Piece, eraser_vocabulary, read_eraser
from salbench.metrics import SHARED, Case, Curves, perturbation_curves
from salbench.metrics.eraser_deletion import DELETED, ERASER_COMPREHENSIVENESS, ERASER_SUFFICIENCY
from salbench.results.formats.eraser import eraser_results, write_eraser_results

CLASSES = ERASER_ESNLI_TASK.classes
SENTENCE = "the old dog sleeps while a young cat runs over two green fields and nobody looks at them"


@pytest.fixture
def part(tmp_path: Path) -> EraserPart:
    """Three pairs of sentences, the second of each longer by one word."""
    folder = tmp_path / "eraser_esnli"
    folder.mkdir()
    lines, documents = [], []
    for number, label in enumerate(CLASSES):
        docids = [f"{number}_hypothesis", f"{number}_premise"]
        spans = [{"text": "", "docid": docid, "start_token": 0, "end_token": 2} for docid in docids]
        row = {"annotation_id": f"pair {number}", "query": "", "classification": label, "evidences": [spans]}
        lines.append({**row, "docids": docids, "query_type": None})
        for length, docid in enumerate(docids, start=9 + number):
            documents.append({"docid": docid, "document": " ".join(SENTENCE.split()[number : number + length])})
    for name, rows in (("train", lines), ("val", []), ("test", lines), ("docs", documents)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_eraser(ERASER_ESNLI_TASK, tmp_path, "test")


@pytest.fixture
def case(part: EraserPart, tmp_path: Path) -> Case:
    torch.manual_seed(0)
    model = MeanWords(3, torch.randn(len(eraser_vocabulary(tmp_path / "eraser_esnli")), 6)).eval()
    maps = torch.randn(part.samples.inputs.shape, generator=torch.Generator().manual_seed(1))
    curves = perturbation_curves(model, part.samples, maps, Modality.TEXT, protocol=DELETED)
    return Case(samples=part.samples, attributions=maps, modality=Modality.TEXT, curves={DELETED: curves})


@pytest.fixture
def instances(part: EraserPart, case: Case) -> list[dict[str, Any]]:
    return eraser_results(part, CLASSES, case.attributions, case.curves[DELETED])


def distributions(instance: dict[str, Any]) -> Iterable[dict[str, float]]:
    names = ("comprehensiveness_classification_scores", "sufficiency_classification_scores")
    yield instance["classification_scores"]
    for place in (instance, *instance["thresholded_scores"]):
        yield from (place[name] for name in names)


def test_all_instances_have_all_fields_and_one_set_of_thresholds(instances: list[dict[str, Any]]) -> None:
    assert [item["annotation_id"] for item in instances] == ["pair 0", "pair 1", "pair 2"]
    for item in instances:
        assert [score["threshold"] for score in item["thresholded_scores"]] == [0.01, 0.05, 0.1, 0.2, 0.5]
        assert item["classification"] == max(item["classification_scores"], key=item["classification_scores"].get)
        for scores in distributions(item):
            assert list(scores) == list(CLASSES)
            assert sum(scores.values()) == pytest.approx(1.0)


def test_rationales_fit_their_documents(instances: list[dict[str, Any]], part: EraserPart, case: Case) -> None:
    for row, item in enumerate(instances):
        assert [each["docid"] for each in item["rationales"]] == [f"{row}_hypothesis", f"{row}_premise"]
        total = 0
        for each, length in zip(item["rationales"], (9 + row, 10 + row), strict=True):
            assert len(each["soft_rationale_predictions"]) == length
            spans = [(span["start_token"], span["end_token"]) for span in each["hard_rationale_predictions"]]
            assert all(0 <= start < end <= length for start, end in spans)
            assert all(first[1] < second[0] for first, second in pairwise(spans))
            total += sum(end - start for start, end in spans)
        assert total == -(-(19 + 2 * row) // 10)  # 10 % of both documents, rounded up
        soft = [score for each in item["rationales"] for score in each["soft_rationale_predictions"]]
        hard = [
            any(span["start_token"] <= place < span["end_token"] for span in each["hard_rationale_predictions"])
            for each in item["rationales"]
            for place in range(len(each["soft_rationale_predictions"]))
        ]
        chosen = [score for score, is_hard in zip(soft, hard, strict=True) if is_hard]
        assert sorted(chosen, reverse=True) == sorted(soft, reverse=True)[: len(chosen)]
        piece = part.pieces[row][1]
        assert soft[9 + row :] == case.attributions[row, piece.start : piece.start + piece.whole].abs().tolist()


def test_the_scorers_averages_are_our_metrics(instances: list[dict[str, Any]], case: Case) -> None:
    for name, metric in (("comprehensiveness", ERASER_COMPREHENSIVENESS), ("sufficiency", ERASER_SUFFICIENCY)):
        drops = [
            item["classification_scores"][item["classification"]]
            - scores[f"{name}_classification_scores"][item["classification"]]
            for item in instances
            for scores in item["thresholded_scores"]
        ]
        assert sum(drops) / len(drops) == pytest.approx(metric.score(case).mean().item(), abs=1e-7)


def test_a_file_has_one_instance_a_line(instances: list[dict[str, Any]], tmp_path: Path) -> None:
    write_eraser_results(tmp_path / "results.jsonl", instances)
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == instances


def test_tokens_that_were_cut_off_score_zero(part: EraserPart, case: Case) -> None:
    pieces: list[tuple[Piece, ...]] = [
        (first, second._replace(whole=second.whole + 2)) for first, second in part.pieces
    ]
    cut = EraserPart(part.samples, part.annotations, pieces)
    found = eraser_results(cut, CLASSES, case.attributions, case.curves[DELETED])
    assert found[0]["rationales"][1]["soft_rationale_predictions"][-2:] == [0.0, 0.0]
    assert len(found[0]["rationales"][1]["soft_rationale_predictions"]) == 12


def test_what_does_not_fit_is_refused(part: EraserPart, case: Case) -> None:
    maps, curves = case.attributions, case.curves[DELETED]
    with pytest.raises(ValueError, match=r"one of .*, got 30"):
        eraser_results(part, CLASSES, maps, curves, percent=30)
    with pytest.raises(ValueError, match=r"logits \(3, 2\)"):
        eraser_results(part, CLASSES[:2], maps, curves)
    other = Curves(protocol=SHARED, clean=curves.clean, most=torch.zeros(11, 3, 3), least=torch.zeros(11, 3, 3))
    with pytest.raises(ValueError, match="protocol 'eraser_deleted', got 'shared'"):
        eraser_results(part, CLASSES, maps, other)
