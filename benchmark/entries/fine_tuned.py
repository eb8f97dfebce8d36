"""Fine-tuning: saliency guided training of a model that was trained regularly before, with the same budget again.

The model has then seen the data twice as often as those of the other methods; the suite sgt-table4 shares one budget
between the two parts.
"""

from ...baselines.architectures import MLP, SGT_CNN
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import FineTuned, SaliencyGuided
from ...datasets import DIGITS, FASHION_MNIST, MNIST
from ..entry import entries

ENTRIES = entries(
    training="fine_tuned",
    recipe=FineTuned(then=SaliencyGuided(masked_fraction=0.5)),  # 50 % for images: ismail2021improving, table 3
    datasets=[DIGITS, MNIST, FASHION_MNIST],
    architectures=[MLP, SGT_CNN],
    saliency=ALL_METHODS,
)
