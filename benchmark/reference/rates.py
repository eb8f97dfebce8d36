"""What tasks took for the measurements that come with salbench: for a plan whose like was not measured here."""

from pathlib import Path

from ...results.reference_file import read_measurements
from ..rates import Rates
from ..request import Request
from ..suite import Suite
from .known import FOLDER, file_name


def reference_rates(suite: Suite, folder: Path = FOLDER) -> Rates | None:
    """The rates behind the measurements of a suite, at both of its scales, or None if there are none.

    Args:
        suite: at its full scale.
        folder: of the measurements.

    Raises:
        StoreError: a file is damaged.
    """
    devices, found = [], []
    for scale, small in ((suite, False), (suite.small, True)):
        path = folder / file_name(suite.name, small=small)
        if scale is not None and path.exists():
            datasets = {model.dataset.name: model.dataset for model in Request(suite=scale).plan().models}
            counts = {name: float(dataset.counts.train) for name, dataset in datasets.items() if dataset.counts}
            found.append((read_measurements(path), counts))
            devices.append(str(found[-1][0].header["device"]))
    if not found:
        return None
    rates = Rates(device=", ".join(dict.fromkeys(devices)))
    for measurements, counts in found:
        rates.add(measurements.outcomes.values(), measurements.records, counts)
    return rates
