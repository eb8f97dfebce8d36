"""Find another explanation: large gradients by hand, and a second and third rule where there are some."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.training import TrainingState, fit
from salbench.baselines.training.another_explanation import (
    AnotherExplanation,
    Round,
    find_another_explanation,
    large_gradients,
)
from salbench.baselines.training.right_reasons import RightForRightReasons
from salbench.datasets import Budget, Samples
from salbench.datasets.randomness import normal

BUDGET = Budget(epochs=40, batch_size=50, optimizer="sgd", learning_rate=0.006)


class Weighted(nn.Module):
    """Logits 0 and w·x."""

    def __init__(self, weights: list[float]) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor(weights))

    def forward(self, inputs: Tensor) -> Tensor:
        evidence = inputs.flatten(1) @ self.weights
        return torch.stack([torch.zeros_like(evidence), evidence], dim=1)


def redundant(count: int = 100) -> Samples:
    """Each of the first two features tells the class, the first more surely; the third tells nothing."""
    ids = torch.arange(count)
    sides = 2.0 * (ids % 2) - 1
    noise = normal(ids, (3,), seed=0, purpose="redundant")
    inputs = torch.stack([10 * sides, 2 * sides, torch.zeros(count)], dim=1) + noise
    return Samples(inputs=inputs, targets=ids % 2, ids=ids + 7, fill=torch.zeros_like(inputs))


def build() -> nn.Module:
    return nn.Linear(3, 2)


class TestLargeGradients:
    def test_by_hand(self) -> None:
        """The gradient is p (1 − p) w; 0.67 · 4 = 2.68."""
        inputs = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
        model = Weighted([4.0, -2.7, 2.6, 0.0])
        assert large_gradients(model, inputs).tolist() == [[True, True, False, False]]
        assert large_gradients(model, inputs, cutoff=0.68).tolist() == [[True, False, False, False]]

    def test_at_the_cutoff_is_not_large(self) -> None:
        model = Weighted([4.0, 2.0])
        assert large_gradients(model, torch.zeros(1, 2), cutoff=0.5).tolist() == [[True, False]]

    def test_it_is_the_gradient_of_the_predicted_probability(self) -> None:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).double()
        inputs = torch.randn(50, 6, dtype=torch.float64, requires_grad=True)
        probability = model(inputs).softmax(dim=1).amax(dim=1).sum()
        sizes = torch.autograd.grad(probability, inputs)[0].abs()
        expected = sizes > 0.67 * sizes.amax(dim=1, keepdim=True)
        assert torch.equal(large_gradients(model, inputs), expected)

    def test_a_certain_model_has_large_gradients_too(self) -> None:
        certain = torch.tensor([[1000.0, 0.0]])
        assert large_gradients(Weighted([4.0, 1.0]), certain).tolist() == [[True, False]]

    def test_no_gradient_is_not_large(self) -> None:
        assert not large_gradients(Weighted([0.0, 0.0]), torch.ones(2, 2)).any()

    def test_each_row_has_a_largest_of_its_own_whatever_the_shape(self) -> None:
        images = torch.rand(1030, 1, 2, 2, generator=torch.Generator().manual_seed(0))
        masks = large_gradients(Weighted([1.0, 0.9, 0.1, 0.0]), images)
        assert masks.shape == images.shape
        assert masks.flatten(1).sum(dim=1).eq(2).all()

    def test_the_mode_is_left_as_it_was(self) -> None:
        model = Weighted([1.0]).train()
        large_gradients(model, torch.ones(1, 1))
        assert model.training

    def test_the_cutoff_is_checked(self) -> None:
        with pytest.raises(ValueError, match=r"cutoff must lie in \[0, 1\), got 1.0"):
            large_gradients(Weighted([1.0]), torch.ones(1, 1), cutoff=1.0)


class TestFindAnotherExplanation:
    def test_it_finds_the_first_rule_and_then_the_second(self) -> None:
        samples, test = redundant(), redundant(300)[200:]
        seen: list[tuple[int, Round]] = []
        rounds = find_another_explanation(
            samples,
            test,
            build,
            BUDGET,
            recipe=RightForRightReasons(penalty_weight=1.0),
            rounds=3,
            on_round=lambda number, found: seen.append((number, found)),
        )
        first, second, third = rounds
        assert not first.annotation.any()
        assert first.mask.all(dim=0).tolist() == [True, False, False]
        assert torch.equal(second.annotation, first.mask)
        assert second.mask.all(dim=0).tolist() == [False, True, False]
        assert torch.equal(third.annotation, first.mask | second.mask)
        assert all(found.train_accuracy > 0.95 for found in rounds[:2])
        assert all(found.test_accuracy > 0.95 for found in rounds[:2])
        assert [number for number, _ in seen] == [0, 1, 2]
        assert not any(found.model.training for found in rounds)

    @pytest.mark.parametrize(("threshold", "count"), [(0.4, 3), (0.6, 1)])
    def test_it_ends_with_the_first_model_below_the_threshold(self, threshold: float, count: int) -> None:
        """All inputs are alike, so half of the predictions are right."""
        ids = torch.arange(100)
        inputs = torch.ones(100, 3)
        blind = Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=inputs)
        found = find_another_explanation(
            blind,
            blind,
            build,
            BUDGET,
            recipe=RightForRightReasons(penalty_weight=0.0),
            rounds=3,
            stop_below=threshold,
        )
        assert [one.train_accuracy for one in found] == [0.5] * count

    def test_the_annotation_of_the_samples_is_not_looked_at(self) -> None:
        samples = redundant()
        annotated = replace(samples, irrelevant=torch.ones_like(samples.inputs, dtype=torch.bool))
        one, other = (find_another_explanation(some, some, build, BUDGET, rounds=1) for some in (samples, annotated))
        assert torch.equal(one[0].mask, other[0].mask)

    def test_equal_seeds_give_equal_models(self) -> None:
        samples = redundant()
        budget = replace(BUDGET, epochs=2)
        weights = []
        for _ in range(2):
            weak = RightForRightReasons(penalty_weight=1.0)
            found = find_another_explanation(samples, samples, build, budget, recipe=weak, rounds=2, seed=3)
            weights.append(next(found[1].model.parameters()))
            torch.rand(5)
        assert torch.equal(*weights)

    def test_each_round_may_have_a_penalty_of_its_own(self) -> None:
        samples = redundant()
        weak = [RightForRightReasons(penalty_weight=weight) for weight in (0.0, 0.0)]
        found = find_another_explanation(samples, samples, build, BUDGET, recipe=weak, rounds=2)
        assert torch.equal(found[1].mask, found[0].mask)  # nothing kept it from the first rule
        assert found[1].annotation.any()

    def test_a_recipe_that_forbids_nothing_here_is_refused(self) -> None:
        samples = redundant(4)
        for recipe in (AnotherExplanation(), [RightForRightReasons(), AnotherExplanation()]):
            with pytest.raises(ValueError, match="must be a RightForRightReasons, got AnotherExplanation"):
                find_another_explanation(samples, samples, build, BUDGET, recipe=recipe, rounds=2)

    def test_settings_are_checked(self) -> None:
        samples = redundant(4)
        with pytest.raises(ValueError, match="rounds must be at least 1, got 0"):
            find_another_explanation(samples, samples, build, BUDGET, rounds=0)
        with pytest.raises(ValueError, match="one for each of 3 rounds, got 1"):
            find_another_explanation(samples, samples, build, BUDGET, rounds=3, recipe=[RightForRightReasons()])
        with pytest.raises(ValueError, match=r"cutoff must lie in \[0, 1\), got -1"):
            find_another_explanation(samples, samples, build, BUDGET, cutoff=-1)


class TestRecipe:
    def test_its_annotation_is_the_union_over_predecessors(self) -> None:
        samples = redundant(10)
        models = (Weighted([4.0, 1.0, 1.0]), Weighted([0.0, 0.0, 4.0]))
        state = TrainingState(generator=torch.Generator(), predecessors=models)
        recipe = AnotherExplanation(penalty_weight=2.0)
        recipe.start(samples, state)
        batch = samples[torch.tensor([8, 1, 4])]
        union = torch.tensor([True, False, True]).expand(3, 3)
        model = build()
        expected = RightForRightReasons(penalty_weight=2.0).loss(model, replace(batch, irrelevant=union), state)
        assert torch.equal(recipe.loss(model, batch, state), expected)

    def test_masks_stay_with_their_samples(self) -> None:
        """The sign of the first feature decides which of the two others counts."""
        sides = torch.tensor([1.0, -1.0, 1.0, -1.0])
        inputs = torch.stack([sides, torch.ones(4), torch.ones(4)], dim=1)
        samples = Samples(inputs=inputs, targets=torch.arange(4) % 2, ids=torch.tensor([9, 2, 5, 4]), fill=inputs)

        class Switch(nn.Module):
            def forward(self, inputs: Tensor) -> Tensor:
                right = torch.where(inputs[:, 0] > 0, inputs[:, 1], inputs[:, 2])
                return torch.stack([right, -right], dim=1)

        state = TrainingState(generator=torch.Generator(), predecessors=(Switch(),))
        recipe = AnotherExplanation()
        recipe.start(samples, state)
        assert state.memory["ids"].tolist() == [2, 4, 5, 9]
        assert state.memory["irrelevant"].int().tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0]]

    def test_without_a_predecessor_it_is_regular(self) -> None:
        samples = redundant(10)
        state = TrainingState(generator=torch.Generator())
        recipe, plain = AnotherExplanation(), RightForRightReasons()
        recipe.start(samples, state)
        model = build()
        everything = replace(samples, irrelevant=torch.ones_like(samples.inputs, dtype=torch.bool))
        assert torch.equal(recipe.loss(model, everything, state), plain.loss(model, samples, state))

    def test_a_chain_is_the_rounds_of_the_function(self) -> None:
        samples, budget = redundant(), replace(BUDGET, epochs=5)
        weak = RightForRightReasons(penalty_weight=1.0)
        found = find_another_explanation(samples, samples, build, budget, recipe=weak, rounds=3, seed=1)
        second = AnotherExplanation(penalty_weight=1.0, after=AnotherExplanation())
        chain = AnotherExplanation(penalty_weight=1.0, after=second)
        torch.manual_seed(1)
        model = build()
        fit(model, samples, recipe=chain, budget=budget, seed=1, predecessors=[one.model for one in found[:2]])
        for ours, theirs in zip(model.parameters(), found[2].model.parameters(), strict=True):
            assert torch.equal(ours, theirs)

    def test_what_the_predecessors_looked_at_must_not_move(self) -> None:
        samples = redundant(10)
        everything = replace(samples, irrelevant=torch.ones_like(samples.inputs, dtype=torch.bool))
        recipe, models = AnotherExplanation(), (Weighted([4.0, 1.0, 1.0]),)
        recipe.start(everything, TrainingState(generator=torch.Generator(), augmented=True))  # not looked at
        with pytest.raises(ValueError, match=r"AnotherExplanation needs an annotation that stays .* augmented"):
            recipe.start(samples, TrainingState(generator=torch.Generator(), predecessors=models, augmented=True))

    def test_each_recipe_names_the_one_before(self) -> None:
        first = AnotherExplanation()
        second = AnotherExplanation(after=first, penalty_weight=1e6)
        assert first.predecessor is None
        assert second.predecessor == (first, None)
        assert not second.continues
