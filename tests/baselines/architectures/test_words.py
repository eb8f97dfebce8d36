"""Models of text: padding changes nothing, and embeddings and logits are two halves of one model."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import check_logits
from salbench.baselines.architectures.base import build_for
from salbench.baselines.architectures.bilstm import BILSTM, BiLSTMClassifier
from salbench.baselines.architectures.mean_words import MEAN_WORDS, MeanWords
from salbench.baselines.architectures.words import WordModel, word_model
from salbench.datasets import Budget, Dataset, Modality

VECTORS = torch.randn(30, 6, generator=torch.Generator().manual_seed(1))
BOTH = pytest.mark.parametrize("kind", [MeanWords, BiLSTMClassifier])


def made(kind: type[MeanWords] | type[BiLSTMClassifier]) -> WordModel:
    torch.manual_seed(0)
    return kind(3, VECTORS).eval()


def texts() -> Tensor:
    tokens = torch.randint(1, 30, (5, 8), generator=torch.Generator().manual_seed(2))
    tokens[torch.arange(8) >= torch.tensor([8, 3, 1, 5, 0]).unsqueeze(1)] = 0
    return tokens


@BOTH
def test_more_padding_gives_the_same_logits_and_gradients(kind: type[MeanWords] | type[BiLSTMClassifier]) -> None:
    model, tokens = made(kind), texts()
    wider = nn.functional.pad(tokens, (0, 7))
    torch.testing.assert_close(model(wider), model(tokens))
    gradients = []
    for each in (tokens, wider):
        embeddings = model.embed(each).detach().requires_grad_()
        (found,) = torch.autograd.grad(model.classify(embeddings, model.present(each))[:, 0].sum(), embeddings)
        gradients.append(found)
    torch.testing.assert_close(gradients[1][:, :8], gradients[0])
    absent = ~model.present(tokens)[:4]
    assert not gradients[0][:4][absent].any()


@BOTH
def test_what_stands_in_the_padding_is_not_read(kind: type[MeanWords] | type[BiLSTMClassifier]) -> None:
    model, tokens = made(kind), texts()[:4]
    embeddings, present = model.embed(tokens), model.present(tokens)
    noisy = torch.where(present.unsqueeze(2), embeddings, torch.full_like(embeddings, 9.0))
    torch.testing.assert_close(model.classify(noisy, present), model(tokens))


@BOTH
def test_a_text_does_not_depend_on_its_batch_and_an_empty_one_has_logits(
    kind: type[MeanWords] | type[BiLSTMClassifier],
) -> None:
    model, tokens = made(kind), texts()
    torch.testing.assert_close(torch.cat([model(row[None]) for row in tokens]), model(tokens))
    check_logits(model(torch.zeros(2, 4, dtype=torch.int64)), 2, 3)


def test_order_matters_to_the_lstm_alone() -> None:
    tokens = texts()[:1]
    for kind, same in ((MeanWords, True), (BiLSTMClassifier, False)):
        model = made(kind)
        assert torch.allclose(model(tokens), model(tokens.flip(1)), atol=1e-6) is same


def test_the_lstm_reads_both_ways() -> None:
    model, tokens = made(BiLSTMClassifier), texts()[:1]
    assert isinstance(model, BiLSTMClassifier)
    sizes = {name: tuple(each.shape) for name, each in model.lstm.named_parameters() if "weight_ih" in name}
    assert sizes == {"weight_ih_l0": (512, 6), "weight_ih_l0_reverse": (512, 6)}
    assert sum(each.numel() for each in model.parameters()) == (
        30 * 6  # words
        + 2 * (4 * 128 * (6 + 128) + 2 * 4 * 128)  # LSTM, two directions
        + (256 * 256 + 256 + 256)  # attention
        + (256 * 128 + 128 + 128 * 3 + 3)  # layers
    )
    assert len(tokens) == 1


def test_a_gap_in_a_text_is_part_of_it() -> None:
    tokens = torch.tensor([[4, 0, 5, 0, 0], [0, 0, 0, 0, 0]])
    assert WordModel.present(tokens).tolist() == [[True, True, True, False, False], [False] * 5]


def test_the_table_starts_from_the_vectors_and_padding_stays_zero() -> None:
    model = made(MeanWords).train()
    assert torch.equal(model.words.weight[1:], VECTORS[1:])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    model(texts()).square().sum().backward()
    optimizer.step()
    assert not model.words.weight[0].any()
    assert not torch.equal(model.words.weight[1:], VECTORS[1:])


def test_word_vectors_must_be_a_table_of_floats() -> None:
    with pytest.raises(ValueError, match=r"shape \(V, E\), got torch.int64 \(3,\)"):
        MeanWords(2, torch.arange(3))
    with pytest.raises(TypeError, match="WordModel's embeddings, got Linear"):
        word_model(nn.Linear(2, 2))


@pytest.mark.parametrize("architecture", [MEAN_WORDS, BILSTM], ids=["mean_words", "bilstm"])
def test_a_data_set_brings_its_vectors(architecture: object, tmp_path: Path) -> None:
    dataset = Dataset(
        name="words",
        version=1,
        modality=Modality.TEXT,
        shape=(8,),
        classes=3,
        load=lambda root, split: pytest.fail("the samples are not needed"),
        fill="the unknown word",
        evidence=False,
        budget=Budget(epochs=1),
        description="",
        reference="",
        vectors=lambda root: VECTORS,
    )
    assert architecture in (MEAN_WORDS, BILSTM)
    model = build_for(dataset, MEAN_WORDS if architecture is MEAN_WORDS else BILSTM, tmp_path)
    assert torch.equal(word_model(model).words.weight[1:], VECTORS[1:])
