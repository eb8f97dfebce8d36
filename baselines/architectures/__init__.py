"""Model architectures, one file a family; every model returns logits and has one module per activation."""

from .base import Architecture, check_logits
from .cnn import SGT_CNN
from .lstm import LSTM
from .mlp import MLP
from .tcn import TCN

ARCHITECTURES: tuple[Architecture, ...] = (MLP, SGT_CNN, LSTM, TCN)

__all__ = ["ARCHITECTURES", "LSTM", "MLP", "SGT_CNN", "TCN", "Architecture", "check_logits"]
