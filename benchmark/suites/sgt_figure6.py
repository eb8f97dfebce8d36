"""Vanishing saliency, figure 6 of the paper: do recurrent networks only look at the end of a series?

The paper draws AUP and AUR of an LSTM as bars without numbers, and names neither the saliency method nor the share of
masked cells; here it is half of them. Input-cell attention, which was made against this, stands beside the LSTM. The
boxes are not of one size, so scores above random are drawn too. The figure prints accuracies: a regular LSTM with this
budget (one seed) was still at chance on the earlier box after 200 epochs, so that its maps there say nothing.
"""

from dataclasses import replace

from ...baselines.architectures import LSTM, LSTM_ICA
from ...baselines.saliency import CONTROLS, GRADIENT, INTEGRATED_GRADIENTS
from ...datasets import VANISHING_EARLIER, VANISHING_LATER, VANISHING_MIDDLE
from ..publications.series import SOUND, series_entries
from ..publications.series_figures import vanishing_figure
from ..suite import Suite
from .sgt_tables import METRICS

SHARE = 0.5  # of masked cells; not published
_DATASETS = (VANISHING_EARLIER, VANISHING_MIDDLE, VANISHING_LATER)
_WHOLE = Suite(
    name="sgt-figure6",
    title="Vanishing saliency over time, with and without saliency guided training",
    datasets=_DATASETS,
    architectures=(LSTM, LSTM_ICA),
    saliency=(GRADIENT, INTEGRATED_GRADIENTS),
    controls=CONTROLS,
    metrics=METRICS,
    seeds=(0, 1, 2, 3, 4),
    entries=series_entries(
        SOUND,
        datasets=_DATASETS,
        architectures=("lstm", "lstm_input_cell_attention"),
        saliency=("gradient", "integrated_gradients"),
        share=lambda dataset, architecture: SHARE,
    ),
    reference="ismail2021improving",
    figures=(
        vanishing_figure("lstm", "gradient"),
        vanishing_figure("lstm", "integrated_gradients"),
        vanishing_figure("lstm_ica", "gradient"),
        vanishing_figure("lstm_ica", "integrated_gradients"),
    ),
)
_EPOCHS = 20
SUITE = replace(
    _WHOLE,
    small=replace(
        _WHOLE,
        architectures=(LSTM,),
        seeds=(0,),
        entries=series_entries(
            SOUND,
            datasets=_DATASETS,
            architectures=("lstm",),
            saliency=("gradient", "integrated_gradients"),
            budget=replace(SOUND.budgets["lstm"], epochs=_EPOCHS),
            share=lambda dataset, architecture: SHARE,
        ),
        figures=_WHOLE.figures[:2],
        obstacle=f"small scale: {_EPOCHS} epochs, 1 of 5 seeds, without input-cell attention",
    ),
)
