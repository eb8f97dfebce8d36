"""The identity of each piece of work; equal keys mean that one outcome serves both.

Every key below training contains the content hashes of what it starts from, so a key can only be known once that is
done, and a model that was trained again with another outcome has other maps and other numbers.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar, cast

from ..baselines.architectures.base import Architecture
from ..baselines.saliency.base import SaliencyMethod
from ..baselines.training.base import Recipe
from ..datasets.base import Budget, Dataset
from ..metrics.base import Metric, Need
from ..metrics.limits import VERSION as LIMITS_VERSION
from ..metrics.protocol import Protocol
from ..metrics.retraining import Retraining
from .identity import canonical, describe_recipe, digest, hashed, identify
from .planning import Model
from .tasks import YARDSTICK

Described = TypeVar("Described")


class Keys:
    """The keys of many tasks: what they share, such as a data set, is described once.

    Make a new one for each look at a plan, since it does not notice code that is edited later. A key is the digest of
    the JSON of a list, which is put together from the JSON of its parts.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[tuple[object, ...], Any]] = {}

    def train(self, model: Model) -> str:
        """A trained model and its predictions for the test split."""
        recipe = self._once(_recipe, model.recipe, model.budget)
        return _joined('"train"', self._name(model.dataset), self._name(model.architecture), recipe, str(model.seed))

    def explain(
        self,
        model: Model,
        method: SaliencyMethod,
        samples: int | None,
        *,
        weights: str,
        splits: tuple[str, ...] = ("test",),
        scale: float = 1.0,
    ) -> str:
        """One method's maps of one model, of inputs and fill multiplied by `scale`."""
        scaled = scale if scale == 1.0 else {"inputs": scale, "fill": scale}
        settings = canonical([samples, splits, scaled, model.seed])
        return _joined('"explain"', self._name(model.dataset), settings, self._name(method), canonical(weights))

    def perturb(self, model: Model, protocol: Protocol, samples: int | None, *, weights: str, attributions: str) -> str:
        """The logits along the perturbation curves of one set of maps."""
        dataset, settings = self._name(model.dataset), self._once(_settings, protocol)
        counts = canonical([samples, model.seed])[1:-1]
        return _joined('"perturb"', dataset, counts, settings, canonical(weights), canonical(attributions))

    def records(
        self,
        model: Model,
        method: SaliencyMethod,
        metrics: tuple[Metric, ...],
        samples: int | None,
        *,
        weights: str,
        attributions: str,
    ) -> list[str]:
        """One number of the leaderboard for each of the metrics."""
        names, counts = canonical([model.name, method.name]), canonical([samples, model.seed])[1:-1]
        start = f'["measure",{names},{self._name(model.dataset)},{counts},'
        maps = canonical(attributions)
        both = f"{canonical(weights)},{maps}"
        return [
            hashed(f"{start}{name},[{both if reads_model else maps}{changed}]]")
            for name, reads_model, changed in self._once(_all_read, metrics, model.dataset)
        ]

    def failures(
        self, model: Model, method: SaliencyMethod, metrics: tuple[Metric, ...], samples: int | None
    ) -> list[str]:
        """The notes that say why a number is missing; each stands only until the number is there."""
        before = ['"failure"', canonical(model.name), canonical(self.train(model)), self._name(method)]
        return [_joined(*before, self._name(metric), canonical(samples)) for metric in metrics]

    def _name(self, thing: Dataset | Architecture | SaliencyMethod | Metric) -> str:
        return self._once(_identity, thing)

    def _once(self, describe: Callable[..., Described], *things: object) -> Described:
        """What is said of these objects; they are kept, so that no other gets their place in memory."""
        place = (describe, *map(id, things))
        if place not in self._known:
            self._known[place] = (things, describe(*things))
        return cast("Described", self._known[place][1])


def train_key(model: Model) -> str:
    """See `Keys.train`."""
    return Keys().train(model)


def explain_key(
    model: Model,
    method: SaliencyMethod,
    samples: int | None,
    *,
    weights: str,
    splits: tuple[str, ...] = ("test",),
    scale: float = 1.0,
) -> str:
    """See `Keys.explain`."""
    return Keys().explain(model, method, samples, weights=weights, splits=splits, scale=scale)


def perturb_key(model: Model, protocol: Protocol, samples: int | None, *, weights: str, attributions: str) -> str:
    """See `Keys.perturb`."""
    return Keys().perturb(model, protocol, samples, weights=weights, attributions=attributions)


def limits_key(model: Model, samples: int | None, *, weights: str) -> str:
    """The least and the most AOPC that any order of removal could reach, for each sample of one model."""
    return digest(["limits", LIMITS_VERSION, identify(model.dataset), samples, weights])


def retrain_key(model: Model, retraining: Retraining, percent: int, *, attributions: str) -> str:
    """A model trained anew on degraded samples, and its predictions for the degraded test split."""
    recipe = digest(describe_recipe(YARDSTICK, retraining.budget or model.budget))
    identities = [identify(model.dataset), identify(model.architecture), recipe]
    settings = {name: value for name, value in asdict(retraining).items() if name not in {"name", "percents", "budget"}}
    return digest(["retrain", *identities, settings, model.seed, percent, attributions])


def record_key(
    model: Model, method: SaliencyMethod, metric: Metric, samples: int | None, *, weights: str, attributions: str
) -> str:
    """See `Keys.records`."""
    return Keys().records(model, method, (metric,), samples, weights=weights, attributions=attributions)[0]


def failure_key(model: Model, method: SaliencyMethod, metric: Metric, samples: int | None) -> str:
    """See `Keys.failures`."""
    return Keys().failures(model, method, (metric,), samples)[0]


def _joined(*parts: str) -> str:
    return hashed(f"[{','.join(parts)}]")


def _identity(thing: Dataset | Architecture | SaliencyMethod | Metric) -> str:
    return canonical(identify(thing))


def _recipe(recipe: Recipe, budget: Budget) -> str:
    return canonical(digest(describe_recipe(recipe, budget)))


def _settings(protocol: Protocol) -> str:
    return canonical(asdict(protocol))


def _all_read(metrics: tuple[Metric, ...], dataset: Dataset) -> list[tuple[str, bool, str]]:
    return [_reads(metric, dataset) for metric in metrics]


def _reads(metric: Metric, dataset: Dataset) -> tuple[str, bool, str]:
    """Identity of a metric, whether it reads the model, and the changed test splits that it reads."""
    changed = [identify(item.dataset) for item in dataset.counterfactuals if item.shortcut in metric.counterfactuals]
    asks = metric.protocols or metric.retrainings or metric.needs - {Need.MASKS, Need.IRRELEVANT} or changed
    return _identity(metric), bool(asks), "".join(f",{canonical(name)}" for name in changed)
