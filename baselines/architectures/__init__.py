"""Model architectures, one file a family; every model returns logits and has one module per activation."""

from .base import Architecture, build_for, check_logits
from .bilstm import BILSTM
from .cnn import SGT_CNN
from .constrained_cnn import CNN3B, CNN4B
from .input_cell_attention import (
    LSTM_ICA,
    LSTM_ICA_FLAT,
    LSTM_ICA_FLAT_PUBLISHED,
    LSTM_ICA_MNIST,
    LSTM_ICA_PUBLISHED,
)
from .lstm import LSTM, LSTM_MNIST, LSTM_PUBLISHED
from .mean_words import MEAN_WORDS
from .mlp import MLP, RRR_MLP
from .pretrained import load_weights, pretrained
from .resnet import RESNET18
from .resnet32 import RESNET32
from .tcn import TCN, TCN_MNIST
from .transformer import TRANSFORMER, TRANSFORMER_MNIST, TRANSFORMER_PUBLISHED
from .vgg import VGG16, VGG16_BIRD, VGG16_BN
from .words import WordModel

ARCHITECTURES: tuple[Architecture, ...] = (
    MLP,
    RRR_MLP,
    SGT_CNN,
    CNN3B,
    CNN4B,
    RESNET18,
    RESNET32,
    VGG16,
    VGG16_BN,
    VGG16_BIRD,
    LSTM,
    LSTM_ICA,
    LSTM_ICA_FLAT,
    TCN,
    TRANSFORMER,
    LSTM_PUBLISHED,
    LSTM_ICA_PUBLISHED,
    LSTM_ICA_FLAT_PUBLISHED,
    TRANSFORMER_PUBLISHED,
    LSTM_MNIST,
    LSTM_ICA_MNIST,
    TCN_MNIST,
    TRANSFORMER_MNIST,
    MEAN_WORDS,
    BILSTM,
)

__all__ = [
    "ARCHITECTURES",
    "BILSTM",
    "CNN3B",
    "CNN4B",
    "LSTM",
    "LSTM_ICA",
    "LSTM_ICA_FLAT",
    "LSTM_ICA_FLAT_PUBLISHED",
    "LSTM_ICA_MNIST",
    "LSTM_ICA_PUBLISHED",
    "LSTM_MNIST",
    "LSTM_PUBLISHED",
    "MEAN_WORDS",
    "MLP",
    "RESNET18",
    "RESNET32",
    "RRR_MLP",
    "SGT_CNN",
    "TCN",
    "TCN_MNIST",
    "TRANSFORMER",
    "TRANSFORMER_MNIST",
    "TRANSFORMER_PUBLISHED",
    "VGG16",
    "VGG16_BIRD",
    "VGG16_BN",
    "Architecture",
    "WordModel",
    "build_for",
    "check_logits",
    "load_weights",
    "pretrained",
]
