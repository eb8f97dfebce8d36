"""SCAAT: the prediction must withstand adversarial noise on the features that are irrelevant by the model's own map."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...datasets.base import Samples
from ..models import Output, evaluation, output_of, same_in_both_modes
from .base import Recipe, TrainingState, refuse_words
from .divergences import DIVERGENCES, Divergence
from .input_range import channel_range
from .lowest import lowest, region_means, spread_regions
from .projected_ascent import projected_ascent

Selection = Literal["below", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SCAAT(Recipe):
    """Cross entropy plus lambda times D(adversarial ‖ clean), with gradients through both branches.

    Each batch, for each sample: the absolute gradient of the true class's output, averaged over regions, gives a map;
    what lies below its q-quantile is irrelevant; PGD perturbs only that, to move the prediction as far as it can; the
    two predictions are pulled together. A sample's proportion q grows while the model still classifies its
    perturbed version correctly, and shrinks where it does not. `state.memory["q"]` holds the proportions, in the
    order of `state.memory["ids"]`.

    `steps=1` is the FGSM variant, `proportion_step=0.0` the ablation with a fixed proportion.

    Source:
        xu2024scaat, equations 5 to 8, algorithms 1 and 2. The paper leaves out the radius, the step size, the random
        start, lambda, every setting of q, the region and the mode of the model; the defaults below are ours.
        Choices: the perturbation is crafted in eval mode, so that neither dropout nor the batch's statistics take part
        and no running statistics change; it starts at a random point, since the divergence has no gradient at zero;
        perturbed inputs are not clipped to the range of the data, as printed; all channels of a pixel share one score,
        the mean of theirs; the warm-up counts epochs; whether the perturbed sample is still classified correctly is
        read from the forward pass of the loss, in train mode, which saves one. Departure, exact: a model that computes
        the same in both modes gives its map from the clean forward of the loss.
    """

    reference: ClassVar[str] = "xu2024scaat"

    divergence_weight: float = 1.0  # lambda
    divergence: Divergence = "half_jeffreys"  # as printed, or the usual Jensen–Shannon divergence
    radius: float = 8 / 255  # epsilon, as a share of each channel's range over the training samples
    steps: int = 4  # k of PGD-k
    step_length: float = 2.5  # of all steps together, in radii
    initial_proportion: float = 0.5  # q_0
    proportion_step: float = 0.05  # gamma
    proportion_range: tuple[float, float] = (0.1, 0.9)  # q_min, q_max
    warm_up_epochs: int = 1  # before q moves
    region: int = 1  # side of the squares over which the maps of images are averaged
    selection: Selection = "below"  # strictly below the quantile, or as many features whatever the ties
    smoothing_samples: int = 0  # noisy copies whose gradients are averaged for the map (SmoothGrad); 0: none
    smoothing_noise: float = 0.1  # standard deviation of theirs, as a share of each channel's range
    output: Output = "log_odds"  # what the map is the gradient of; orders features as the confidence does

    def __post_init__(self) -> None:
        low, high = self.proportion_range
        if not 0 <= low <= self.initial_proportion <= high <= 1:
            raise ValueError(
                "proportion_range must lie in [0, 1] and contain initial_proportion, "
                f"got {self.proportion_range} and {self.initial_proportion}"
            )
        for name in ("divergence_weight", "proportion_step", "warm_up_epochs", "smoothing_samples", "smoothing_noise"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        for name in ("radius", "step_length"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("steps", "region"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name, choices in (("divergence", Divergence), ("selection", Selection), ("output", Output)):
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"{name} must be one of {get_args(choices)}, got {getattr(self, name)!r}")

    def passes(self, model: nn.Module) -> int:
        """What a step needs at least, in forward passes; a regular step needs 3.

        A backward pass counts 1 if it ends in the inputs, 2 if it also ends in the weights. The map takes 1 + 1, or
        only 1 where the clean forward serves it; crafting 1 + 1 a step; the loss 2 + 4. So PGD-4 takes 16/3 or 15/3
        of a regular step, FGSM 10/3 or 9/3.
        """
        map_forwards = max(self.smoothing_samples, 1)
        reused = same_in_both_modes(model) and not self.smoothing_samples
        clean = 1 if self.smoothing_samples and not same_in_both_modes(model) else 0  # what crafting moves away from
        return 2 * map_forwards - reused + clean + 2 * self.steps + 6

    @property
    def version(self) -> int:  # type: ignore[override]  # of the settings, as few of them train another model
        """2 for the probability, which was rounded where a model is certain."""
        return 2 if self.output == "probability" else 1

    def start(self, samples: Samples, state: TrainingState) -> None:
        """The range of the inputs, and the proportion of each sample.

        Raises:
            ValueError: regions of more than one feature where the samples are not images, or inputs that are word ids.
        """
        refuse_words(self, samples)
        if self.region > 1 and samples.inputs.ndim != 4:
            raise ValueError(f"region must be 1 for inputs that are not images, got {self.region}")
        low, high = channel_range(samples.inputs)
        ids = samples.ids.unique()  # sorted
        proportions = torch.full(ids.shape, self.initial_proportion, dtype=torch.float64, device=ids.device)
        state.memory.update(ids=ids, q=proportions, range=high - low)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy on the clean batch, plus the weighted mean divergence."""
        inputs = batch.inputs.detach()
        rows = torch.searchsorted(state.memory["ids"], batch.ids)
        proportions = state.memory["q"][rows]
        reference: Tensor
        if same_in_both_modes(model):
            clean, gradient = self.explain(model, batch, state, retain_graph=True)
            reference = clean.detach()
            noise = self.craft(model, inputs, self.irrelevant(gradient, proportions), reference, state)
        else:
            with evaluation(model):
                logits, gradient = self.explain(model, batch, state, retain_graph=False)
                reference = logits.detach()
                noise = self.craft(model, inputs, self.irrelevant(gradient, proportions), reference, state)
            clean = model(inputs)
        adversarial = model(inputs + noise)
        if state.epoch > self.warm_up_epochs:
            correct = adversarial.argmax(dim=1) == batch.targets
            state.memory["q"][rows] = self.moved(proportions, correct)
        divergences = DIVERGENCES[self.divergence](adversarial, clean)
        return cross_entropy(clean, batch.targets) + self.divergence_weight * divergences.mean()

    def irrelevant(self, gradient: Tensor, proportions: Tensor) -> Tensor:
        """Which features may be perturbed.

        Args:
            gradient: shape (N, *F).
            proportions: q of each sample, shape (N,).

        Returns:
            bool, shape (N, *F), or (N, 1, H, W) for images. Without ties it holds a share q of the regions, give or
            take one. Where the model is exactly insensitive to more than that share, the quantile is 0 and nothing
            lies strictly below it: such a sample is not perturbed, unless the selection is by "count".
        """
        scores = gradient.abs()
        if gradient.ndim == 4:
            scores = region_means(scores.mean(dim=1, keepdim=True), self.region)
        chosen = lowest(scores.flatten(1), proportions, fill_ties=self.selection == "count").view_as(scores)
        return spread_regions(chosen, self.region, gradient.shape[2:]) if gradient.ndim == 4 else chosen

    def craft(
        self, model: nn.Module, inputs: Tensor, allowed: Tensor, reference: Tensor, state: TrainingState
    ) -> Tensor:
        """The perturbation that moves the prediction far.

        Args:
            model: in the mode in which it is to be attacked.
            inputs: shape (N, *F).
            allowed: bool, broadcasts with the inputs; elsewhere the perturbation is 0.
            reference: logits on the inputs, shape (N, K).
            state: gives the range of the inputs and the random start.

        Returns:
            Shape (N, *F), detached, at most radius times range in size.
        """
        return projected_ascent(
            model,
            inputs,
            self.bounds(inputs, allowed, state),
            reference,
            divergence=DIVERGENCES[self.divergence],
            steps=self.steps,
            length=self.step_length,
            generator=state.generator,
        )

    def bounds(self, inputs: Tensor, allowed: Tensor, state: TrainingState) -> Tensor:
        """Largest size of each entry of a perturbation, shape (N, *F)."""
        return (self.radius * state.memory["range"] * allowed).expand_as(inputs)

    def moved(self, proportions: Tensor, correct: Tensor) -> Tensor:
        """Algorithm 2: q one step up where the perturbed sample is classified correctly, else down, within bounds."""
        steps = torch.where(correct, self.proportion_step, -self.proportion_step)
        return (proportions + steps).clamp(*self.proportion_range)

    def explain(
        self, model: nn.Module, batch: Samples, state: TrainingState, *, retain_graph: bool
    ) -> tuple[Tensor, Tensor]:
        """Logits on the clean batch, and the gradient that orders its features."""
        inputs = batch.inputs.detach()
        if not self.smoothing_samples:
            inputs = inputs.clone().requires_grad_()
            logits = model(inputs)
            explained = output_of(logits, batch.targets, self.output).sum()
            return logits, torch.autograd.grad(explained, inputs, retain_graph=retain_graph)[0]
        total = torch.zeros_like(inputs)
        deviation = self.smoothing_noise * state.memory["range"]
        for _ in range(self.smoothing_samples):
            noise = torch.randn(inputs.shape, generator=state.generator, device=inputs.device, dtype=inputs.dtype)
            noisy = (inputs + deviation * noise).requires_grad_()
            explained = output_of(model(noisy), batch.targets, self.output).sum()
            total += torch.autograd.grad(explained, noisy)[0]
        return model(inputs), total / self.smoothing_samples
