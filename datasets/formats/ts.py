"""Read `.ts`, the format of the UEA and UCR archives of time series: a header of @-lines, then one sample a line."""

import gzip
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledSeries:
    """What a file holds."""

    inputs: Tensor  # (N, T, D), float32
    targets: Tensor  # (N,), int64, places in `labels`
    labels: tuple[str, ...]  # of all classes, in the order of the header


def read_ts(path: Path) -> LabeledSeries:
    """Read series of one length, without times of their own and without gaps, and their class labels.

    Args:
        path: a raw file, or a .gz.

    Returns:
        The samples in the order of the file; the channels of a line, which `:` parts, are the features D.

    Raises:
        ValueError: a file without class labels or samples, with time stamps, missing values, numbers that cannot be
            read, or labels that the header does not have; or samples that differ in their length or channels.
        OSError: a file, or a .gz, that cannot be read.

    Source:
        bagnall2018uea.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    labels: tuple[str, ...] = ()
    samples: list[list[list[float]]] = []
    targets: list[int] = []
    in_data = False
    for number, line in enumerate(content.decode().splitlines(), start=1):
        stripped = line.strip()
        place = f"{path}, line {number}"
        if not stripped or stripped.startswith(("#", "%")):
            continue
        if in_data:
            *channels, label = stripped.split(":")
            if label.strip() not in labels:
                raise ValueError(f"{place}: the class must be one of {', '.join(labels)}, got {label.strip()!r}")
            samples.append([_numbers(channel, place) for channel in channels])
            targets.append(labels.index(label.strip()))
            _check_shape(samples[-1], samples[0], place)
            continue
        tag, *values = stripped.split()
        match tag.lower():
            case "@classlabel":
                labels = tuple(values[1:]) if values[:1] and values[0].lower() == "true" else ()
            case "@timestamps" if values[:1] and values[0].lower() == "true":
                raise ValueError(f"{place}: series with time stamps are not read, only values at even times")
            case "@data":
                in_data = True
                if not labels:
                    raise ValueError(f"{place}: the header must have a line '@classLabel true' with the classes")
            case _ if not tag.startswith("@"):
                raise ValueError(f"{place}: a header line must begin with @, got {stripped[:40]!r}")
    if not samples:
        raise ValueError(f"{path} must hold samples after a line '@data', got none")
    inputs = torch.from_numpy(np.array(samples, dtype=np.float32)).transpose(1, 2).contiguous()
    return LabeledSeries(inputs=inputs, targets=torch.tensor(targets), labels=labels)


def _numbers(channel: str, place: str) -> list[float]:
    numbers: list[float] = []
    for step, text in enumerate(channel.split(",")):
        if text.strip().lower() in {"?", "nan", ""}:
            raise ValueError(f"{place}: the value at step {step} is missing, and a series must have all its values")
        try:
            numbers.append(float(text))
        except ValueError as error:
            raise ValueError(f"{place}: the value at step {step} must be a number, got {text[:40]!r}") from error
        if not isfinite(numbers[-1]):
            raise ValueError(f"{place}: the value at step {step} must be finite, got {text[:40]!r}")
    return numbers


def _check_shape(sample: list[list[float]], first: list[list[float]], place: str) -> None:
    if not sample or len(sample) != len(first):
        raise ValueError(f"{place}: a sample must have {len(first) or 'some'} channels, got {len(sample)}")
    for channel in sample:
        if len(channel) != len(first[0]):
            raise ValueError(f"{place}: all series must have one length, here {len(first[0])}, got {len(channel)}")
