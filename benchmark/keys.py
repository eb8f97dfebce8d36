"""The identity of each piece of work; equal keys mean that one outcome serves both.

Every key below training contains the content hashes of what it starts from, so a key can only be known once that is
done, and a model that was trained again with another outcome has other maps and other numbers.
"""

from dataclasses import asdict

from ..baselines.saliency.base import SaliencyMethod
from ..metrics.base import Metric, Need
from ..metrics.limits import VERSION as LIMITS_VERSION
from ..metrics.protocol import Protocol
from ..metrics.retraining import Retraining
from .identity import describe_recipe, digest, identify
from .planning import Model
from .tasks import YARDSTICK


def train_key(model: Model) -> str:
    """A trained model and its predictions for the test split."""
    return digest(["train", identify(model.dataset), identify(model.architecture), model.recipe_digest, model.seed])


def explain_key(
    model: Model,
    method: SaliencyMethod,
    samples: int | None,
    *,
    weights: str,
    splits: tuple[str, ...] = ("test",),
    scale: float = 1.0,
) -> str:
    """One method's maps of one model, of inputs multiplied by `scale`."""
    settings = [samples, splits, scale, model.seed]
    return digest(["explain", identify(model.dataset), settings, identify(method), weights])


def perturb_key(model: Model, protocol: Protocol, samples: int | None, *, weights: str, attributions: str) -> str:
    """The logits along the perturbation curves of one set of maps."""
    settings = asdict(protocol)
    return digest(["perturb", identify(model.dataset), samples, model.seed, settings, weights, attributions])


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
    """One number of the leaderboard."""
    names = [model.name, method.name]
    changed = [
        identify(item.dataset) for item in model.dataset.counterfactuals if item.shortcut in metric.counterfactuals
    ]
    reads_model = metric.protocols or metric.retrainings or metric.needs - {Need.MASKS, Need.IRRELEVANT} or changed
    needs = [weights, attributions, *changed] if reads_model else [attributions]
    return digest(["measure", names, identify(model.dataset), samples, model.seed, identify(metric), needs])


def failure_key(model: Model, method: SaliencyMethod, metric: Metric, samples: int | None) -> str:
    """The note that says why a number is missing; it stands only until the number is there."""
    return digest(["failure", model.name, train_key(model), identify(method), identify(metric), samples])
