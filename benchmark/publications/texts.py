"""Saliency guided training on language: what its suites share.

The paper's code for language is not public, so there is one configuration: the nearest public model, the benchmark's
own averaging of comprehensiveness and sufficiency, and budgets of ours, equal for both trainings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ...baselines.architectures import BILSTM
from ...baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD, SaliencyMethod
from ...baselines.training import Recipe, Regular, SaliencyGuidedWords
from ...datasets import ERASER_ESNLI, ERASER_FEVER, ERASER_MOVIES, Budget, Dataset
from ...datasets.subset import subset
from ...metrics import ACCURACY, ERASER_COMPREHENSIVENESS, ERASER_SUFFICIENCY
from ...results.published import read_published
from ..entry import Entry, entries

PAPER = "ismail2021improving"
SEEDS = (0, 1, 2, 3, 4)
METHODS: tuple[SaliencyMethod, ...] = (GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)  # of table 1
_METRICS = {"comprehensiveness": ERASER_COMPREHENSIVENESS.name, "sufficiency": ERASER_SUFFICIENCY.name}
_TRAININGS = {"traditional": "regular", "saliency_guided": "saliency_guided", "na": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One set of texts with the budget of both trainings."""

    dataset: Dataset
    masked_fraction: float  # k over the number of words: table 5
    budget: Budget

    def entries(self) -> tuple[Entry, ...]:
        """Entries of both trainings with the methods of table 1."""
        recipes: dict[str, Recipe] = {
            "regular": Regular(),
            "saliency_guided": SaliencyGuidedWords(masked_fraction=self.masked_fraction),
        }
        return tuple(
            entry
            for training, recipe in recipes.items()
            for entry in entries(
                training=training,
                recipe=recipe,
                datasets=[self.dataset],
                architectures=[BILSTM],
                saliency=METHODS,
                budget=self.budget,
            )
        )


def all_entries(sets: Iterable[Texts]) -> tuple[Entry, ...]:
    """Entries of several sets."""
    return tuple(entry for texts in sets for entry in texts.entries())


def faithfulness_claims(names: Mapping[str, str]) -> pd.DataFrame:
    """Table 1 in our names; random scores stand for the mean over both trainings.

    Args:
        names: our data set's name by the paper's: movies, fever, esnli; those left out are not claimed.
    """
    table = read_published("sgt_table1")
    table = table[table["dataset"].isin(list(names))]
    return pd.DataFrame(
        {
            "dataset": table["dataset"].map(dict(names)),
            "architecture": BILSTM.name,
            "training": table["training"].map(_TRAININGS),
            "saliency": table["saliency"],
            "metric": table["metric"].map(_METRICS),
            "value": table["value"],
        }
    )


def accuracy_claims(names: Mapping[str, str]) -> pd.DataFrame:
    """The accuracies of table 5 in our names, of the same data sets."""
    table = read_published("sgt_table5").set_index("dataset").loc[list(names)]
    return pd.DataFrame(
        [
            {
                "dataset": names[str(name)],
                "architecture": BILSTM.name,
                "training": training,
                "saliency": "",
                "metric": ACCURACY.name,
                "value": row[f"test_acc_{column}"],
            }
            for name, row in table.iterrows()
            for column, training in (("traditional", "regular"), ("saliency_guided", "saliency_guided"))
        ]
    )


def _part(texts: Texts, *, train: int, test: int, epochs: int) -> Texts:
    part = subset(texts.dataset, train=train, test=test)
    return Texts(dataset=part, masked_fraction=texts.masked_fraction, budget=Budget(epochs=epochs, batch_size=32))


ERASER = {
    "movies": Texts(dataset=ERASER_MOVIES, masked_fraction=0.6, budget=ERASER_MOVIES.budget),
    "fever": Texts(dataset=ERASER_FEVER, masked_fraction=0.8, budget=ERASER_FEVER.budget),
    "esnli": Texts(dataset=ERASER_ESNLI, masked_fraction=0.7, budget=ERASER_ESNLI.budget),
}
ERASER_SMALL = {
    "movies": _part(ERASER["movies"], train=400, test=100, epochs=3),
    "fever": _part(ERASER["fever"], train=1000, test=200, epochs=3),
    "esnli": _part(ERASER["esnli"], train=2000, test=200, epochs=5),
}
SMALL = "400, 1,000 and 2,000 texts for training, 100 to 200 for testing, 3 to 5 epochs, 2 runs"
