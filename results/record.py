"""One number of the benchmark, with everything that is needed to trust it and to measure it again."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class Status(StrEnum):
    """How a measurement ended."""

    OK = "ok"
    SKIPPED = "skipped"  # the metric does not apply; the note says why
    FAILED = "failed"  # something went wrong; the note says what


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The value of one metric for one entry and seed."""

    key: str  # digest of all that determines the value; equal keys are the same measurement
    dataset: str  # name@version
    architecture: str
    training: str
    saliency: str
    control: bool  # is the saliency method a control (random, oracle, …) rather than a competitor
    metric: str
    metric_version: int
    family: str
    higher_is_better: bool
    across_models: bool = True  # may its values for two models be compared
    seed: int
    status: Status = Status.OK
    value: float | None = None  # mean of the per-sample scores that are defined; None where there are none
    note: str = ""  # the reason where there is no value
    count: int = 0  # samples behind the value
    degenerate: int = 0  # maps with one value everywhere
    incomplete: int = 0  # maps that do not add up as the saliency method promises
    curve: dict[str, list[float]] = field(default_factory=dict)  # columns of the curve the value summarizes
    recipe: str = ""  # digest of the training recipe, its hyperparameters and its budget
    weights: str = ""  # digest of the artifact with the model's weights
    attributions: str = ""  # digest of the artifact with the maps
    scores: str = ""  # digest of the artifact with the per-sample scores
    seconds: float = 0.0  # wall time of the measurement
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)  # of salbench, python and the libraries behind the value

    @property
    def entry(self) -> str:
        """The entry's name, dataset/architecture/training/saliency."""
        return "/".join((self.dataset.split("@")[0], self.architecture, self.training, self.saliency))

    def to_json(self) -> str:
        """One line of JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: not a record.
        """
        try:
            columns: dict[str, Any] = json.loads(line)
            return cls(**{**columns, "status": Status(columns["status"])})
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"not a record: {error}: {line[:80]!r}") from error
