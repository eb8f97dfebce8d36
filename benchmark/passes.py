"""How many passes of a model a training step cannot do without, beside what it took."""

from .planning import Plan


def passes_by_model(plan: Plan) -> dict[tuple[str, str, str], float]:
    """Passes that a step needs at least, over the three of a regular step, where the recipe knows them."""
    found: dict[tuple[str, str, str], float] = {}
    for model in plan.models:
        place = (model.dataset.name, model.architecture.name, model.training)
        count = getattr(model.recipe, "passes", None)
        if place not in found and count is not None:
            found[place] = count(model.architecture.build(model.dataset.shape, model.dataset.classes)) / 3
        elif model.training == "regular":
            found[place] = 1.0
    return found
