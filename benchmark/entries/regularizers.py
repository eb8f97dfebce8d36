"""The six penalties on saliency maps, one at a time: as published, and on digits also in their corrected form."""

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN
from ...baselines.training import SaliencyRegularized
from ...baselines.training.penalties import (
    Consistency,
    Fidelity,
    InputGradient,
    Locality,
    Penalty,
    Smoothness,
    Symmetry,
)
from ...datasets import BREAST_CANCER, DIGITS, FASHION_MNIST, MIDDLE, MNIST, RARE_FEATURE, Modality
from ..entry import Entry, entries

WEIGHT = 0.1  # alpha, as in the configuration that was published for Fashion-MNIST
PUBLISHED: dict[str, Penalty] = {
    "gradient": InputGradient(weight=WEIGHT),
    "consistency": Consistency(weight=WEIGHT),
    "smoothness": Smoothness(weight=WEIGHT),
    "locality": Locality(weight=WEIGHT),
    "fidelity": Fidelity(weight=WEIGHT),
    "symmetry": Symmetry(weight=WEIGHT),
}
CORRECTED: dict[str, Penalty] = {
    "consistency": Consistency(weight=WEIGHT, form="corrected"),
    "smoothness": Smoothness(weight=WEIGHT, form="corrected"),
    "locality": Locality(weight=WEIGHT, form="corrected"),
    "fidelity": Fidelity(weight=WEIGHT, form="corrected"),
    "symmetry": Symmetry(weight=WEIGHT, form="corrected"),
}


def regularized(name: str, penalty: Penalty) -> list[Entry]:
    """Entries of one published penalty, on all data for which it means something."""
    training, recipe = f"{name}_regularized", SaliencyRegularized(penalties=(penalty,))
    images = [DIGITS, MNIST, FASHION_MNIST]
    made = entries(training=training, recipe=recipe, datasets=images, architectures=[MLP, SGT_CNN])
    if Modality.TABULAR in penalty.modalities:
        made += entries(training=training, recipe=recipe, datasets=[BREAST_CANCER], architectures=[MLP])
    if Modality.SERIES in penalty.modalities:
        series = [MIDDLE, RARE_FEATURE]
        made += entries(training=training, recipe=recipe, datasets=series, architectures=[LSTM, TCN])
    return made


ENTRIES = [
    *(entry for name, penalty in PUBLISHED.items() for entry in regularized(name, penalty)),
    *(
        entry
        for name, penalty in CORRECTED.items()
        for entry in entries(
            training=f"{name}_corrected",
            recipe=SaliencyRegularized(penalties=(penalty,)),
            datasets=[DIGITS],
            architectures=[MLP, SGT_CNN],
        )
    ),
]
