"""The settings of one entry in words and numbers, for a reader who wants to know what was done."""

from ..datasets.base import Dataset
from .identity import describe_recipe
from .planning import Model, Plan


def entry_settings(model: Model, saliency: str, plan: Plan) -> dict[str, dict[str, object]]:
    """Facts by heading: data set, architecture, training method, budget and saliency method.

    Args:
        model: the entry's, of any seed.
        saliency: the name of one of its methods.
        plan: of which it is a part.
    """
    dataset, architecture = model.dataset, model.architecture
    method = next(method for method in model.methods if method.name == saliency)
    described = describe_recipe(model.recipe, model.budget)
    recipe = {"recipe": described["recipe"], "version": described["version"], **described["hyperparameters"]}
    return {
        "Data set": {
            "name": versioned(dataset),
            "description": dataset.description,
            "shape of a sample": "×".join(map(str, dataset.shape)),
            "classes": dataset.classes,
            "removed features become": dataset.fill,
            "samples explained": plan.samples or "all test samples",
            "reference": dataset.reference,
        },
        "Architecture": {
            "name": f"{architecture.name}@{architecture.version}",
            "description": architecture.description,
            "reference": architecture.reference,
        },
        "Training method": {"name": model.training, **recipe},
        "Budget": dict(described["budget"]),
        "Saliency method": {
            "name": f"{method.name}@{method.version}",
            "description": method.description,
            "signs": "yes" if method.signed else "none",
            "reference": method.reference,
        },
    }


def versioned(dataset: Dataset) -> str:
    """A data set as records name it."""
    return f"{dataset.name}@{dataset.version}"
