"""Real time series of the UEA and UCR archives, without known evidence, in the archives' split."""

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import OriginalFile, Package, Source
from .files.verify import locate
from .formats.ts import read_ts


def load_series(source: Source, root: Path, split: Split) -> Samples:
    """Read one split of a data set of the archives, fetching its files if needed.

    Every channel is standardized by its mean and standard deviation over all steps of the training samples; a channel
    that never changes there is left at 0.

    Args:
        source: the training file and the test file, in this order.
        root: the folder that holds all data.
        split: which part to read.

    Returns:
        Inputs of shape (N, T, D); the ids of the test samples follow those of the training samples; the fill is the
        mean of each channel over the training samples, which is 0.

    Raises:
        FetchError: the files are not there and cannot be fetched.
        ValueError: two files that differ in their classes, steps or channels, or one that is not as it should be.
    """
    folder = fetch(source, root)
    training, testing = (read_ts(locate(file, folder)) for file in source.files)
    if training.labels != testing.labels or training.inputs.shape[1:] != testing.inputs.shape[1:]:
        raise ValueError(
            f"both files of {source.folder} must have the same classes, steps and channels, "
            f"got {training.labels}, {tuple(training.inputs.shape[1:])} "
            f"and {testing.labels}, {tuple(testing.inputs.shape[1:])}"
        )
    asked, first = (training, 0) if split is Split.TRAIN else (testing, len(training.inputs))
    inputs = _standardize(asked.inputs, training.inputs)
    return Samples(
        inputs=inputs,
        targets=asked.targets,
        ids=torch.arange(len(inputs)) + first,
        fill=torch.zeros(1).expand_as(inputs),
    )


def _standardize(inputs: Tensor, training: Tensor) -> Tensor:
    deviation, mean = torch.std_mean(training.double(), dim=(0, 1), correction=0)  # (D,)
    return ((inputs - mean) / deviation.where(deviation > 0, 1)).float()


def _source(folder: str, name: str, *checksums: tuple[int, str], inside: str = "") -> Source:
    """The files NAME_TRAIN.ts and NAME_TEST.ts in the wheel of aeon, which is read as a zip file, never installed."""
    return Source(
        folder=folder,
        files=tuple(
            # the archives' site serves no .gz, so a .gz is told by its content alone
            OriginalFile(name=f"{name}_{part}.ts", size=size, md5=md5, gz_md5="")
            for part, (size, md5) in zip(("TRAIN", "TEST"), checksums, strict=True)
        ),
        packages=(
            Package(
                client="pip",
                name="aeon",
                version="1.6.0",
                folder=f"aeon/datasets/data/{inside or name}",
                sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
            ),
        ),
    )


def _declare(
    source: Source,
    *,
    shape: tuple[int, int],
    classes: int,
    counts: Counts,
    budget: Budget,
    description: str,
    reference: str,
) -> Dataset:
    return Dataset(
        name=source.folder,
        version=1,
        modality=Modality.SERIES,
        shape=shape,
        classes=classes,
        load=partial(load_series, source),
        fill="the mean of the channel over the training samples, 0",
        evidence=False,
        budget=budget,
        description=description,
        reference=reference,
        source=source,
        counts=counts,
    )


BASIC_MOTIONS = _declare(
    _source(
        "basic_motions",
        "BasicMotions",
        (227_790, "ebf723e9e78fb3396ab2420cddfb0856"),
        (227_713, "72a1a7bec5ac32a305fe0a6d0a2cefdc"),
    ),
    shape=(100, 6),
    classes=4,
    counts=Counts(40, 40),
    budget=Budget(epochs=100, batch_size=10),
    description="acceleration and rotation of a wrist in 3 axes each; standing, running, walking, badminton",
    reference="bagnall2018uea",
)

JAPANESE_VOWELS = _declare(
    _source(
        "japanese_vowels",
        "JapaneseVowels_eq",
        (768_798, "c23441f38d4718acc7eb46b6dcbfcb7b"),
        (1_053_833, "14365bc714a684082783d27173662cfc"),
        inside="JapaneseVowels",
    ),
    shape=(25, 12),
    classes=9,
    counts=Counts(270, 370),
    budget=Budget(epochs=50, batch_size=50),
    description="12 cepstral coefficients of two vowels, by which of nine speakers; resampled to 25 steps by aeon",
    reference="bagnall2018uea",
)

GUN_POINT = _declare(
    _source(
        "gun_point",
        "GunPoint",
        (84_188, "b7901fea64f1478306a5b2fd24bbadf3"),
        (252_305, "29b4dcc6cc288913e3d4b9dc414844ad"),
    ),
    shape=(150, 1),
    classes=2,
    counts=Counts(50, 150),
    budget=Budget(epochs=200, batch_size=10),
    description="position of a hand that draws a gun or points with a finger",
    reference="dau2019ucr",
)

ITALY_POWER_DEMAND = _declare(
    _source(
        "italy_power_demand",
        "ItalyPowerDemand",
        (18_300, "5b8ff57b23e07dfa4913ac19e402db52"),
        (274_054, "5b922219fc85af1fa441fde521f7a25d"),
    ),
    shape=(24, 1),
    classes=2,
    counts=Counts(67, 1029),
    budget=Budget(epochs=200, batch_size=10),
    description="hourly power demand of a day in Italy; October to March or April to September",
    reference="dau2019ucr",
)

ARROW_HEAD = _declare(
    _source(
        "arrow_head",
        "ArrowHead",
        (100_357, "b18c59c3492e526b7d999e5e1b645c92"),
        (484_894, "23178830d6783546d363da685f593f5b"),
    ),
    shape=(251, 1),
    classes=3,
    counts=Counts(36, 175),
    budget=Budget(epochs=200, batch_size=10),
    description="outlines of projectile points of three types, unrolled to a series of angles",
    reference="dau2019ucr",
)

ARCHIVE_SERIES = (BASIC_MOTIONS, JAPANESE_VOWELS, GUN_POINT, ITALY_POWER_DEMAND, ARROW_HEAD)
