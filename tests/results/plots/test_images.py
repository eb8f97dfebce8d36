"""Figures of maps of images: what is scaled how, what is drawn, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from salbench.results.plots.images import (
    ExplainedImage,
    distributions_plot,
    drop_by_method_plot,
    maps_plot,
    maskings_plot,
    scaled,
)
from salbench.results.record import Record

MakeRecord = Callable[..., Record]


def drops(make_record: MakeRecord, *, seeds: tuple[int, ...] = (0, 1), dataset: str = "mnist@1") -> list[Record]:
    return [
        make_record(
            dataset=dataset,
            training=training,
            saliency=saliency,
            control=saliency == "random",
            seed=seed,
            curve={"percent": [0.0, 50.0], "accuracy": [90.0, 40.0 - 10.0 * seed]},
        )
        for training in ("regular", "saliency_guided")
        for saliency in ("gradient", "smoothgrad", "random")
        for seed in seeds
    ]


def check_files(files: list[Path], name: str) -> None:
    assert [file.name for file in files] == [f"{name}.png", f"{name}.pdf"]
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert files[1].read_bytes().startswith(b"%PDF")


def test_scaling_averages_channels_and_keeps_zero_where_it_was() -> None:
    maps = torch.tensor([[[[1.0, 0.0]], [[3.0, -8.0]]]])  # two channels, means 2 and -4
    assert scaled(maps).tolist() == [[[0.5, -1.0]]]


def test_each_sample_is_scaled_by_itself() -> None:
    maps = torch.tensor([[[[1.0, -2.0]]], [[[10.0, 20.0]]]])
    assert scaled(maps).tolist() == [[[0.5, -1.0]], [[0.5, 1.0]]]


def test_a_map_of_zeros_stays_one() -> None:
    assert scaled(torch.zeros(1, 3, 2, 2)).tolist() == [[[0.0, 0.0], [0.0, 0.0]]]


def test_gray_and_color_images_stand_beside_their_maps(tmp_path: Path) -> None:
    torch.manual_seed(0)
    images = [
        ExplainedImage(
            label=f"$set_{channels}$ & 50%",
            image=torch.rand(channels, 6, 6),
            maps={name: torch.randn(channels, 6, 6) for name in ("regular", "saliency_guided")},
        )
        for channels in (1, 3)
    ]
    check_files(maps_plot(images, tmp_path / "maps"), "maps")


def test_images_without_common_trainings_are_refused(tmp_path: Path) -> None:
    one, other = (
        ExplainedImage(label="", image=torch.rand(1, 4, 4), maps={name: torch.randn(1, 4, 4)}) for name in ("a", "b")
    )
    with pytest.raises(ValueError, match="maps of \\['a'\\]"):
        maps_plot([one, other], tmp_path / "maps")
    with pytest.raises(ValueError, match="no image"):
        maps_plot([], tmp_path / "maps")


def test_distributions_have_a_row_for_each_data_set(tmp_path: Path) -> None:
    torch.manual_seed(0)
    maps = {name: {"regular": torch.randn(5, 1, 4, 4), "guided": torch.randn(5, 1, 4, 4) ** 3} for name in ("a", "b")}
    check_files(distributions_plot(maps, tmp_path / "values"), "values")
    with pytest.raises(ValueError, match="no maps"):
        distributions_plot({}, tmp_path / "values")


@pytest.mark.parametrize("errors", [False, True])
def test_drops_are_drawn_a_panel_for_each_method(tmp_path: Path, make_record: MakeRecord, errors: bool) -> None:
    check_files(drop_by_method_plot(drops(make_record), tmp_path / "drops", errors=errors), "drops")


def test_drops_of_two_data_sets_are_refused(tmp_path: Path, make_record: MakeRecord) -> None:
    records = drops(make_record) + drops(make_record, dataset="digits@1")
    with pytest.raises(ValueError, match="one data set and architecture make this figure, got 2"):
        drop_by_method_plot(records, tmp_path / "drops", errors=True)
    with pytest.raises(ValueError, match="got 0"):
        drop_by_method_plot([], tmp_path / "drops", errors=True)


def test_a_masking_without_curves_is_left_out(tmp_path: Path, make_record: MakeRecord) -> None:
    one_entry = [  # and random maps, beside which it is drawn
        record for record in drops(make_record) if record.training == "regular" and record.saliency != "smoothgrad"
    ]
    check_files(maskings_plot({"IID": one_entry, "ROAR": []}, tmp_path / "maskings"), "maskings")
    with pytest.raises(ValueError, match="nothing to draw"):
        maskings_plot({"ROAR": []}, tmp_path / "maskings")
    with pytest.raises(ValueError, match="got 4 entries for 'IID'"):
        maskings_plot({"IID": drops(make_record)}, tmp_path / "maskings")
