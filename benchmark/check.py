"""Checks of an entries file before it is run: does each method keep the promises that the benchmark relies on?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from ..baselines.architectures.base import build_for, check_logits
from ..baselines.saliency.base import attribute
from ..baselines.training import TrainingState, fit
from ..datasets.base import Samples, Split
from .entry import Entry
from .identity import describe_recipe
from .registry import find_entries
from .tasks import load

TRAINED, EXPLAINED = 64, 6  # samples
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise, kept or broken."""

    subject: str  # dataset/architecture/training, with the saliency method where it is about maps
    promise: str
    error: str = ""  # what went wrong; empty if it was kept


def check(file: Path, *, data: Path) -> list[Check]:
    """Try every entry of a file on a few samples, on the CPU, in well under a minute.

    Args:
        file: defines ENTRIES; it is executed.
        data: the folder that holds all data.

    Returns:
        What was checked; a broken promise does not stop the others.

    Raises:
        EntriesError: the file cannot be used at all.
        FetchError: the files of a data set are not there.
    """
    models: dict[str, list[Entry]] = {}
    for entry in find_entries([file]).named:
        models.setdefault(entry.name.rpartition("/")[0], []).append(entry)
    return [done for subject, entries in models.items() for done in _check_model(subject, entries, data)]


def _check_model(subject: str, entries: Sequence[Entry], data: Path) -> Iterator[Check]:
    entry = entries[0]
    dataset, recipe = entry.dataset, entry.recipe
    train = load(dataset, Split.TRAIN, data, torch.device("cpu"))[:TRAINED]
    test = load(dataset, Split.TEST, data, torch.device("cpu"))[:EXPLAINED]

    def build() -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(SEED)
            return build_for(dataset, entry.architecture, data)

    def trained(seed: int) -> list[Tensor]:
        network, budget = build(), replace(entry.budget, epochs=1, stop_accuracy=None, patience=None)
        earlier = [build().eval()] if recipe.predecessor else []
        fit(network, train, recipe=recipe, budget=budget, seed=seed, augment=dataset.augment, predecessors=earlier)
        return [parameter.detach() for parameter in network.parameters()]

    promises: dict[str, Callable[[], None]] = {
        "hyperparameters have a canonical form": lambda: _require(bool(describe_recipe(recipe, entry.budget)), ""),
        "the model returns logits": lambda: _logits(build(), test, dataset.classes),
        "the loss is one finite number that reaches every parameter": lambda: _loss(build(), entry, train),
        "an epoch of training changes the weights": lambda: _require(
            not _equal(list(build().parameters()), trained(SEED)), "all weights are what they were"
        ),
        "equal seeds give equal weights": lambda: _require(
            _equal(trained(SEED), trained(SEED)), "two trainings differ; draw all noise from state.generator"
        ),
        "torch's own generator is left alone": lambda: _generator_untouched(lambda: trained(SEED)),
    }
    for promise, keep in promises.items():
        yield _tried(subject, promise, keep)
    for one in entries:
        name = f"{subject}/{one.saliency.name}"
        yield _tried(name, "maps are finite and have the shape of the inputs", partial(_maps, one, build, test))
        yield _tried(name, "a map does not depend on the other samples", partial(_independent, one, build, test))


def _tried(subject: str, promise: str, keep: Callable[[], None]) -> Check:
    try:
        keep()
    except (Exception, SystemExit) as error:  # whatever the code of others may do wrong
        return Check(subject=subject, promise=promise, error=f"{type(error).__name__}: {error}")
    return Check(subject=subject, promise=promise)


def _require(kept: bool, message: str) -> None:
    if not kept:
        raise AssertionError(message)


def _equal(first: Sequence[Tensor], second: Sequence[Tensor]) -> bool:
    return all(map(torch.equal, first, second))


def _logits(network: nn.Module, samples: Samples, classes: int) -> None:
    with torch.no_grad():
        check_logits(network.eval()(samples.inputs), len(samples), classes)


def _loss(network: nn.Module, entry: Entry, samples: Samples) -> None:
    earlier = (network,) if entry.recipe.predecessor else ()
    state = TrainingState(generator=torch.Generator().manual_seed(SEED), epoch=1, predecessors=earlier)
    network.train()
    entry.recipe.start(samples, state)
    loss = entry.recipe.loss(network, samples[:8], state)
    _require(loss.shape == () and bool(loss.isfinite()), f"the loss is {loss}")
    _require(network.training, "the loss left the model in eval mode")
    parameters = {name: item for name, item in network.named_parameters() if item.requires_grad}
    gradients = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
    unreached = [name for name, gradient in zip(parameters, gradients, strict=True) if gradient is None]
    _require(not unreached, f"no gradient reaches {', '.join(unreached)}")
    _require(all(bool(g.isfinite().all()) for g in gradients if g is not None), "a gradient is not finite")


def _generator_untouched(work: Callable[[], object]) -> None:
    before = torch.get_rng_state()
    work()
    _require(torch.equal(torch.get_rng_state(), before), "torch's global generator has moved")


def _maps(entry: Entry, build: Callable[[], nn.Module], samples: Samples) -> None:
    maps = attribute(entry.saliency, build(), samples, seed=SEED)
    _require(entry.saliency.signed or bool((maps >= 0).all()), "signed is False, but there are negative values")


def _independent(entry: Entry, build: Callable[[], nn.Module], samples: Samples) -> None:
    network = build()
    together = attribute(entry.saliency, network, samples, seed=SEED)
    alone = torch.cat([attribute(entry.saliency, network, samples[i : i + 1], seed=SEED) for i in range(len(samples))])
    scale = together.abs().amax().clamp_min(1e-12)
    gap = ((together - alone).abs().amax() / scale).item()
    _require(gap < 1e-3, f"maps of samples alone differ from those in a batch by {gap:.2g} of the largest value")
