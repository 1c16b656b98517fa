"""How the pipeline is: all probes in parallel, each with a time limit, their answers kept for some seconds."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread

from aegis_pipeline.errors import AegisError
from aegis_pipeline.monitoring.components import Probe, Probed, State, failed

PROBE_SECONDS = 5.0
KEPT_SECONDS = 5.0
_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class Component:
    """One part: what its probe said, and how long that took."""

    probed: Probed
    latency_seconds: float


@dataclass(slots=True)
class _Running:
    """A probe that was begun, and the answer that it gave last."""

    begun: float
    answer: Future[Component]


class Health:
    """The probes by name. A probe that hangs has one thread, however often it is asked for."""

    def __init__(
        self, probes: Mapping[str, Probe], seconds: float = PROBE_SECONDS, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._probes, self._seconds, self._kept_seconds = probes, seconds, kept_seconds
        self._running: dict[str, _Running] = {}
        self._lock = Lock()

    async def components(self, *names: str) -> dict[str, Component]:
        """Each of the components of these names, or every one."""
        asked = names or tuple(self._probes)
        answers = await asyncio.gather(*(self._component(name) for name in asked))
        return dict(zip(asked, answers, strict=True))

    async def _component(self, name: str) -> Component:
        running = self._begun(name)
        answer = asyncio.wrap_future(running.answer)
        await asyncio.wait({answer}, timeout=max(0.0, running.begun + self._seconds - time.monotonic()))
        if answer.done():
            return answer.result()
        detail = f"no answer in {self._seconds:g} s"
        return Component(Probed(State.UNHEALTHY, "", detail, "See whether its server hangs."), self._seconds)

    def _begun(self, name: str) -> _Running:
        """The probe that runs, or has answered a moment ago; else a new one."""
        with self._lock:
            last = self._running.get(name)
            if last and (not last.answer.done() or time.monotonic() - last.begun < self._kept_seconds):
                return last
            running = self._running[name] = _Running(time.monotonic(), Future())
            probing = (self._probes[name], running.answer)
            # A daemon: a probe that hangs does not hold up the end of the process, as those of an executor do.
            Thread(target=_answer, args=probing, name=f"probe of {name}", daemon=True).start()
            return running


def _answer(probe: Probe, answer: Future[Component]) -> None:
    answer.set_running_or_notify_cancel()  # a request that goes away does not cancel what others wait for
    answer.set_result(_timed(probe))


def _timed(probe: Probe) -> Component:
    started = time.monotonic()
    try:
        probed = probe()
    except AegisError as error:
        probed = failed(error)
    except Exception as error:  # noqa: BLE001 - a probe's fault is that component's state; its message may hold a secret
        probed = Probed(State.UNHEALTHY, "", f"the probe failed: {type(error).__name__}", "See the monitor's log.")
    return Component(probed, time.monotonic() - started)


def overall(components: Mapping[str, Component]) -> State:
    """The worst of them."""
    return max((component.probed.state for component in components.values()), key=_ORDER.index)
