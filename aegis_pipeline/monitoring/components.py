"""The parts of the pipeline that health tells of, each with the probe that looks at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version

import dagster as dg

from aegis_pipeline.errors import AegisError
from aegis_pipeline.models.gpu_cards import gpu_memory
from aegis_pipeline.monitoring import findings
from aegis_pipeline.monitoring.findings import Finding
from aegis_pipeline.settings import RelationBackend, RelationFallback, Settings


class State(StrEnum):
    """How a part is, from best to worst."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found; ``remedy`` says what to do where it is not healthy."""

    state: State
    version: str
    detail: str
    remedy: str = ""


Probe = Callable[[], Probed]
_DAEMON_REMEDY = "Start it: dagster-daemon run, or `aegis ui`. Until then the inbox and the schedules wait."


def probes(configured: Settings, instance: dg.DagsterInstance) -> Mapping[str, Probe]:
    """Component → its probe; ``gemma`` is there only where phase 3 asks an LLM."""
    found: dict[str, Probe] = {
        "spacy": lambda: _of_findings(
            "spacy", [_model(configured, "SPACY_MODEL"), *findings.reader(configured, False)]
        ),
        "deduplicator": lambda: _of_findings("sentence-transformers", [_model(configured, "ENCODER_MODEL")]),
        "relations": lambda: _of_findings(
            "aegis-pipeline", [findings.relation_schema(configured), *findings.reader(configured, False)]
        ),
        "graph": lambda: _of_findings("lightrag-hku", [findings.home(configured), *findings.servers(configured)]),
        "dagster_daemon": lambda: _daemon(instance),
        "gpu": lambda: _gpu(configured),
    }
    if configured.relation_backend is not RelationBackend.EMBEDDED:
        found["gemma"] = lambda: _llm(configured)
    return found


def _model(configured: Settings, setting: str) -> Finding:
    (found,) = [finding for finding in findings.models(configured, False) if finding.name.startswith(f"{setting}=")]
    return found


def _of_findings(package: str, found: list[Finding]) -> Probed:
    """Unhealthy as soon as one of them is missing."""
    missing = [finding for finding in found if not finding.ok]
    told = missing or found
    return Probed(
        State.UNHEALTHY if missing else State.HEALTHY,
        version(package),
        "; ".join(f"{finding.name}: {finding.state}" for finding in told),
        " ".join(finding.remedy for finding in missing if finding.remedy),
    )


def _llm(configured: Settings) -> Probed:
    """Without its server the reader stands in, where it may; so that is a lesser way, and no standstill."""
    (found,) = findings.relation_llm(configured)
    stands_in = configured.relation_fallback is RelationFallback.EMBEDDED and configured.allow_relation_fallback
    worse = State.DEGRADED if stands_in else State.UNHEALTHY
    return Probed(State.HEALTHY if found.ok else worse, configured.relation_model, found.state, found.remedy)


def _daemon(instance: dg.DagsterInstance) -> Probed:
    """By the heartbeats that it leaves in the instance."""
    statuses = instance.get_daemon_statuses()
    away = sorted(kind for kind, status in statuses.items() if status.required and not status.healthy)
    if not away:
        return Probed(State.HEALTHY, version("dagster"), f"{len(statuses)} daemons answer")
    return Probed(State.DEGRADED, version("dagster"), f"no heartbeat of {', '.join(away)}", _DAEMON_REMEDY)


def _gpu(configured: Settings) -> Probed:
    """Missing only where DEVICE asks for one."""
    gpus = gpu_memory()
    told = ", ".join(f"{device} {gpu.name}: {gpu.used} of {gpu.total} bytes" for device, gpu in gpus.items())
    if gpus or not configured.device.startswith("cuda"):
        return Probed(State.HEALTHY, version("torch"), told or "none: models run on the CPU")
    return Probed(
        State.UNHEALTHY,
        version("torch"),
        "DEVICE asks for one, and there is none",
        "Set DEVICE=auto, or mend its driver.",
    )


def failed(error: AegisError) -> Probed:
    """A probe that ended with one of our errors, whose message says what to do."""
    return Probed(State.UNHEALTHY, "", str(error), "")
