"""What Quantus is asked about a case: its arrays, in the shapes that Quantus takes, and how it is called with them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...datasets.base import Modality
from ..base import Case, Sign
from .models import Outputs, Registered, Removal

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A case as Quantus sees it; every call is given all N samples in one batch, in order, and arrays of its own."""

    case: Case
    sign: Sign

    def __len__(self) -> int:
        return len(self.case.samples)

    def __getitem__(self, index: slice | Tensor) -> "Question":
        part = replace(self.case, samples=self.case.samples[index], attributions=self.case.attributions[index])
        return replace(self, case=part)

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W) of an image's pixels, (n,) elsewhere."""
        inputs = self.case.samples.inputs
        return tuple(inputs.shape[2:]) if self.case.modality is Modality.IMAGE else (inputs[0].numel(),)

    @property
    def units(self) -> int:
        """How many there are, n."""
        return int(np.prod(self.shape))

    @property
    def targets(self) -> Array:
        """(N,)."""
        return _array(self.case.samples.targets)

    @property
    def inputs(self) -> Array:
        """(N, *F)."""
        return _array(self.case.samples.inputs)

    def maps(self) -> Array:
        """One number a unit, each map divided by its largest magnitude: (N, 1, H, W) of images, (N, 1, n) elsewhere."""
        maps = self.case.maps(self.sign).double()
        return _array(maps / maps.abs().amax(dim=1, keepdim=True)).reshape(-1, 1, *self.shape)

    def masks(self) -> Array:
        """The evidence, in the shape of the maps."""
        return _array(self.case.masks).reshape(-1, 1, *self.shape)

    def explain(self, model: nn.Module, inputs: Array, targets: Array, **_: object) -> Array:
        """The maps (N, *F) of a model that Quantus hands over, or of the case's model where it is a stand-in."""
        samples = self.case.samples
        samples = replace(
            samples,
            inputs=torch.as_tensor(inputs).to(samples.inputs),
            targets=torch.as_tensor(targets).to(samples.targets),
        )
        explained = model.model if isinstance(model, Registered) else self.case.require_model()
        assert isinstance(explained, nn.Module)
        return _array(self.case.require_explain()(explained, samples).double())

    def explain_scaled(self, model: nn.Module, inputs: Array, targets: Array, **_: object) -> Array:
        """As `explain`, each map divided by its largest magnitude; a map of zeros stays."""
        maps = self.explain(model, inputs, targets)
        largest = np.abs(maps).max(axis=tuple(range(1, maps.ndim)), keepdims=True)
        return maps / np.where(largest > 0, largest, 1)

    def on_maps(self, metric: Any, *, masks: bool = False) -> Any:
        """Call a metric that reads maps alone, or maps and masks."""
        maps = self.maps()
        return metric(
            model=None,
            x_batch=np.ones_like(maps),
            y_batch=self.targets,
            a_batch=maps,
            s_batch=self.masks() if masks else None,
            channel_first=True,
            batch_size=len(self),
        )

    def on_removals(self, metric: Any, *, probability: bool) -> Any:
        """Call a metric that removes units: an input of ones says that all are there, the baseline 0 removes."""
        maps = self.maps()
        return metric(
            model=Removal(self.case, probability=probability),
            x_batch=np.ones_like(maps),
            y_batch=self.targets,
            a_batch=maps,
            softmax=False,  # the stand-in applies it, once
            channel_first=True,
            batch_size=len(self),
        )

    def on_inputs(
        self,
        metric: Any,
        *,
        model: nn.Module | None = None,
        probability: bool = False,
        attributions: Array | None = None,
        scaled: bool = False,
    ) -> Any:
        """Call a metric that changes the inputs or the model; without attributions it explains for itself."""
        model = Outputs(self.case, probability=probability) if model is None else model
        return metric(
            model=model,
            x_batch=self.inputs.copy(),
            y_batch=self.targets,
            a_batch=attributions,
            explain_func=self.explain_scaled if scaled else self.explain,
            softmax=False,
            channel_first=True,
            batch_size=len(self),
            device=str(self.case.samples.inputs.device),
        )


def _array(tensor: Tensor) -> Array:
    return tensor.detach().cpu().numpy()
