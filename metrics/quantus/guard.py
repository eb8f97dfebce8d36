"""A scope in which Quantus runs: its faults that lie outside one metric's settings are put right, and undone after."""

import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import cdist

_MISSING = object()


@contextmanager
def guarded(*, seed: int, explain: Callable[..., Any] | None = None) -> Iterator[Any]:
    """Quantus with fixed random numbers and without what makes one sample's score depend on another's.

    Inside the scope
    - numpy's, torch's and Python's global generators start from the seed; afterwards they are as they were;
    - `numpy.trapz`, which numpy 2.4 no longer has, is there;
    - maps are not refused for what the whole batch looks like, nor compared step by step only to warn;
    - Sufficiency may be given another distance than the one whose setting it always passes;
    - `quantus.explain`, which SmoothMPRT calls in place of the function that it is given, is that function;
    - warnings and floating point errors are silent.
    Afterwards the caches in which Quantus keeps every model that it has seen are empty.

    Args:
        seed: non-negative.
        explain: takes model, inputs and targets as Quantus passes them.

    Yields:
        The module quantus.
    """
    quantus = import_module("quantus")
    asserts, warn = import_module("quantus.helpers.asserts"), import_module("quantus.helpers.warn")
    sufficiency = import_module("quantus.metrics.faithfulness.sufficiency")
    wrapper = import_module("quantus.helpers.model.pytorch_model").PyTorchModel
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(torch.random.fork_rng())
        for owner, name, replacement in (
            (np, "trapz", np.trapezoid),
            (asserts, "assert_attributions", _accept),
            (warn, "warn_perturbation_caused_no_change", _accept),
            (quantus, "explain", explain),
            (sufficiency, "cdist", lambda first, second, metric, **_: cdist(first, second, metric)),
        ):
            stack.enter_context(_replaced(owner, name, replacement))
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        torch.manual_seed(seed)
        try:
            yield quantus
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002
            wrapper._get_last_softmax_layer_index.cache_clear()
            wrapper._get_model_with_linear_top.cache_clear()


def _accept(**_: object) -> None:
    """Stands in for a check of Quantus."""


@contextmanager
def _replaced(owner: Any, name: str, replacement: object) -> Iterator[None]:
    before = getattr(owner, name, _MISSING)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        if before is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
