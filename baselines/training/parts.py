"""A training between two epochs as tensors and plain data, from which it goes on bit by bit as if undisturbed."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .base import TrainingState
from .stopping import Stopping


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingParts:
    """All that changes during a training."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    state: TrainingState
    stopping: Stopping
    generators: dict[str, torch.Generator]  # by what they decide; torch's global ones are looked up
    device: torch.device

    def taken(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors by name, and plain data that JSON can hold."""
        optimizer = self.optimizer.state_dict()
        tensors = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        plain: dict[str, dict[str, Any]] = {}
        for place, moments in optimizer["state"].items():
            for name, value in moments.items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer/{place}/{name}"] = value
                else:
                    plain.setdefault(str(place), {})[name] = value
        tensors |= {f"memory/{name}": tensor for name, tensor in self.state.memory.items()}
        tensors |= {f"generator/{name}": generator.get_state() for name, generator in self._all_generators().items()}
        weights, stopping = self.stopping.taken()
        tensors |= {f"best/{name}": tensor for name, tensor in weights.items()}
        schedule = {name: self.schedule.state_dict()[name] for name in _SCHEDULE}
        facts = {
            "epoch": self.state.epoch,
            "moments": plain,
            "groups": optimizer["param_groups"],
            "schedule": schedule,
            "stopping": stopping,
        }
        return tensors, facts

    def put_back(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        """Go back to what `taken` gave."""
        self.model.load_state_dict(_below("model", tensors))
        moments: dict[int, dict[str, Any]] = {int(place): dict(plain) for place, plain in facts["moments"].items()}
        for path, tensor in _below("optimizer", tensors).items():
            place, _, name = path.partition("/")
            moments.setdefault(int(place), {})[name] = tensor
        self.optimizer.load_state_dict({"state": moments, "param_groups": facts["groups"]})
        self.schedule.load_state_dict(facts["schedule"])
        self.state.epoch = facts["epoch"]
        self.state.memory.clear()
        self.state.memory |= {name: tensor.to(self.device) for name, tensor in _below("memory", tensors).items()}
        self.stopping.put_back(_below("best", tensors), facts["stopping"])
        for name, generator in self._all_generators().items():
            generator.set_state(tensors[f"generator/{name}"])

    def _all_generators(self) -> dict[str, torch.Generator]:
        everywhere = {**self.generators, "recipe": self.state.generator, "cpu": torch.default_generator}
        if self.device.type == "cuda":
            everywhere["gpu"] = global_generator(self.device)
        return everywhere


def global_generator(device: torch.device) -> torch.Generator:
    """Torch's own generator of a device, which dropout draws from; "cuda" without a number is the current GPU."""
    if device.type != "cuda":
        return torch.default_generator
    return torch.cuda.default_generators[torch.cuda.current_device() if device.index is None else device.index]


_SCHEDULE = ("last_epoch", "_step_count", "_last_lr")


def _below(kind: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{kind}/"
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
