"""Maps of MNIST read as a series, figures 5, 11, 12 and 13 of the paper: pictures without numbers.

Budgets are those of ismail2020benchmarking without its stopping rule: 20 epochs in batches of 64, and a learning rate
of 0.002 that falls to a tenth after 10; but samples are shuffled, as they are not there. Half of the cells are masked,
as in images; the paper names no share here.
"""

from collections.abc import Sequence
from dataclasses import replace

from ...baselines.architectures import LSTM_ICA_MNIST, LSTM_MNIST, TCN_MNIST, TRANSFORMER_MNIST, Architecture
from ...baselines.saliency import CONTROLS, DEEP_SHAP, DEEPLIFT, GRADIENT, GRADIENT_SHAP, SaliencyMethod
from ...baselines.training import Regular, SaliencyGuided
from ...datasets import MNIST_SERIES, Budget, Dataset
from ...datasets.subset import subset
from ...metrics import ACCURACY, GINI
from ..entry import Entry, entries
from ..publications.series import SOUND
from ..publications.series_figures import digits_figure
from ..suite import Suite

BUDGET = Budget(epochs=20, batch_size=64, learning_rate=2e-3, decay_at=(10,))
ALL = tuple(SOUND.saliency.values())
FEW = (GRADIENT, DEEPLIFT, GRADIENT_SHAP, DEEP_SHAP)  # the four that the caption of figure 5 names
SMALL = subset(MNIST_SERIES, train=2000)


def _entries(
    dataset: Dataset, architectures: Sequence[Architecture], saliency: Sequence[SaliencyMethod], budget: Budget
) -> tuple[Entry, ...]:
    return tuple(
        entry
        for training, recipe in (("regular", Regular()), ("saliency_guided", SaliencyGuided(masked_fraction=0.5)))
        for entry in entries(
            training=training,
            recipe=recipe,
            datasets=[dataset],
            architectures=architectures,
            saliency=saliency,
            budget=budget,
        )
    )


def _suite(
    number: int, title: str, architectures: tuple[Architecture, ...], saliency: tuple[SaliencyMethod, ...], count: int
) -> Suite:
    pairs = [(architecture.name, method.name) for architecture in architectures for method in saliency]
    whole = Suite(
        name=f"sgt-figure{number}",
        title=f"Maps of MNIST as a series, with and without saliency guided training: {title}",
        datasets=(MNIST_SERIES,),
        architectures=architectures,
        saliency=saliency,
        controls=CONTROLS,
        metrics=(ACCURACY, GINI),
        seeds=(0,),
        entries=_entries(MNIST_SERIES, architectures, saliency, BUDGET),
        samples=50,
        reference="ismail2021improving",
        figures=(digits_figure(f"figure_{number}", pairs, count=count),),
    )
    epochs = 5
    budget = replace(BUDGET, epochs=epochs, decay_at=())
    return replace(
        whole,
        small=replace(
            whole,
            datasets=(SMALL,),
            entries=_entries(SMALL, architectures, saliency, budget),
            obstacle=f"small scale: 2,000 of 60,000 training images, {epochs} of 20 epochs",
        ),
    )


SUITES = (
    _suite(5, "LSTM, attention, TCN, Transformer", (LSTM_MNIST, LSTM_ICA_MNIST, TCN_MNIST, TRANSFORMER_MNIST), FEW, 1),
    _suite(11, "TCN", (TCN_MNIST,), ALL, 3),
    _suite(12, "LSTM with input-cell attention", (LSTM_ICA_MNIST,), ALL, 3),
    _suite(13, "Transformer", (TRANSFORMER_MNIST,), ALL, 3),
)
