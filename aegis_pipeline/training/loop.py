"""One loop for every network: seeded, resumable after each epoch, stopped early by a figure on other documents."""

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from aegis_pipeline.progress import report_epoch
from aegis_pipeline.reader.precision import mixed_precision
from aegis_pipeline.reader.weights import save_weights

Item = TypeVar("Item")
_WARM_UP = 0.06  # of all steps
_LARGEST_GRADIENT = 1.0
BEST, STATE, LOG = "best.safetensors", "state.pt", "log.jsonl"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a network learns. ``patience`` is in epochs without a better figure."""

    epochs: int
    batch_size: int
    encoder_rate: float
    head_rate: float
    patience: int
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Lesson(Generic[Item]):
    """What a network learns: the items of an epoch, the loss of a batch of them, how long one is (batches hold items of
    about one length), and how good the network is, the more the better."""

    items: Callable[[int], Sequence[Item]]
    loss: Callable[[Sequence[Item]], Tensor]
    length: Callable[[Item], int]
    figures: Callable[[], dict[str, float]]
    decisive: str


def train(network: nn.Module, lesson: Lesson[Item], schedule: Schedule, folder: Path, device: str = "cpu") -> None:
    """Train until the schedule ends or patience does; the best weights are in ``folder/best.safetensors``.

    What was interrupted goes on from its last whole epoch, and ends as if it had not been.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network.to(device)
    run = _Run(network, lesson, schedule, folder, device)
    run.resume()
    while run.epoch < schedule.epochs and run.epoch - run.best_epoch < schedule.patience:
        run.learn()


class _Run(Generic[Item]):
    def __init__(self, network: nn.Module, lesson: Lesson[Item], schedule: Schedule, folder: Path, device: str) -> None:
        self._network, self._lesson, self._schedule = network, lesson, schedule
        self._folder, self._device = folder, device
        self._steps = schedule.epochs * math.ceil(len(lesson.items(0)) / schedule.batch_size)
        self._optimizer = torch.optim.AdamW(_groups(network, schedule), weight_decay=0.01, eps=1e-6)
        self._rate = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._share)
        self.epoch = self.best_epoch = 0
        self._best = -math.inf

    def _share(self, step: int) -> float:
        """Of the full rate: up in a straight line, then down to nothing."""
        warm = max(1, round(_WARM_UP * self._steps))
        return min((step + 1) / warm, max(0.0, (self._steps - step) / max(1, self._steps - warm)))

    def resume(self) -> None:
        """Take up the state that the last whole epoch left, if there is one."""
        torch.manual_seed(self._schedule.seed)
        path = self._folder / STATE
        if path.exists():
            state: dict[str, Any] = torch.load(path, map_location=self._device, weights_only=True)
            self._network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._rate.load_state_dict(state["rate"])
            torch.set_rng_state(state["random"].cpu())
            self.epoch, self.best_epoch, self._best = state["epoch"], state["best_epoch"], state["best"]

    def learn(self) -> None:
        """One epoch, its figures, and the state after it."""
        began = time.perf_counter()
        self._network.train()
        losses = [self._step(batch) for batch in self._batches()]
        self._network.eval()
        figures = self._lesson.figures()
        self.epoch += 1
        if figures[self._lesson.decisive] > self._best:
            self._best, self.best_epoch = figures[self._lesson.decisive], self.epoch
            save_weights(self._network, self._folder / BEST)
        seconds = time.perf_counter() - began
        self._note({"epoch": self.epoch, "loss": sum(losses) / len(losses), **figures, "seconds": seconds})
        self._save()

    def _batches(self) -> list[list[Item]]:
        """The epoch's items in an order of its own; those of about one length together, so that little is padded."""
        chance = random.Random(f"{self._schedule.seed} {self.epoch}")  # noqa: S311 - an order, no secret
        items = list(self._lesson.items(self.epoch))
        chance.shuffle(items)
        size = self._schedule.batch_size
        items.sort(key=lambda item: self._lesson.length(item) * chance.uniform(0.8, 1.25))
        batches = [items[at : at + size] for at in range(0, len(items), size)]
        chance.shuffle(batches)
        return batches

    def _step(self, batch: Sequence[Item]) -> float:
        with mixed_precision(self._device):
            loss = self._lesson.loss(batch)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_GRADIENT)
        self._optimizer.step()
        self._rate.step()
        return float(loss.detach())

    def _note(self, row: dict[str, float]) -> None:
        rounded = {name: round(value, 4) for name, value in row.items()}
        with (self._folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(rounded) + "\n")
        report_epoch(self._folder.name, rounded)

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "rate": self._rate.state_dict(),
            "random": torch.get_rng_state(),
            "epoch": self.epoch,
            "best_epoch": self.best_epoch,
            "best": self._best,
        }
        partial = self._folder / f"{STATE}.partial"
        torch.save(state, partial)
        partial.replace(self._folder / STATE)


def _groups(network: nn.Module, schedule: Schedule) -> list[dict[str, Any]]:
    """The encoder's parameters and all others, each with its rate."""
    encoder: list[nn.Parameter] = []
    head: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            (encoder if ".bert." in name else head).append(parameter)
    return [{"params": encoder, "lr": schedule.encoder_rate}, {"params": head, "lr": schedule.head_rate}]
