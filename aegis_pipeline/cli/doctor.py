"""``aegis doctor``: what the chosen profile finds here, what is lacking, and the command that mends it."""

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT
from aegis_pipeline.errors import AegisError
from aegis_pipeline.settings import Settings, settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for. What is not ``needed`` may be missing."""

    name: str
    ok: bool
    state: str
    remedy: str = ""
    needed: bool = True


def doctor(
    verbose: Annotated[bool, typer.Option("--verbose", help="Show where each thing was found.")] = False,
) -> None:
    """Say which models, servers and GPU are found, what each lacks, and the command that mends it.

    Exits with 0 when the pipeline can run as it is set.
    """
    findings = [
        *_models(settings(), verbose),
        _home(settings()),
        *_servers(settings()),
        _gpu(settings()),
        _legacy(settings()),
    ]
    OUT.print(f"profile  {settings().aegis_profile.value}, pipeline {settings().extraction_pipeline.value}")
    for finding in findings:
        mark = "ok" if finding.ok else ("MISSING" if finding.needed else "absent")
        OUT.print(f"{mark:8} {finding.name}: {finding.state}")
        if not finding.ok and finding.remedy:
            OUT.print(f"         {finding.remedy}")
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(EXIT_FAILED)


def _models(configured: Settings, verbose: bool) -> list[Finding]:
    from aegis_pipeline.models import describe_models

    findings = []
    for model in describe_models(configured):
        where = f" at {model.location}" if verbose and model.location else ""
        hashed = {True: ", hash verified", False: ", hash wrong", None: ""}[model.hash_ok]
        state = model.lacks or f"{model.origin.value} {model.version}{hashed}{where}"
        findings.append(Finding(f"{model.setting}={model.name}", model.usable, state, model.remedy))
    return findings


def _home(configured: Settings) -> Finding:
    """Everything is written under AEGIS_HOME: the nearest folder that is there must let us."""
    import os

    existing = next(folder for folder in (configured.home, *configured.home.parents) if folder.exists())
    writable = existing.is_dir() and os.access(existing, os.W_OK)
    state = f"{configured.home}" if writable else f"{existing} cannot be written"
    return Finding("AEGIS_HOME", writable, state, "Set AEGIS_HOME to a folder that you may write.")


def _servers(configured: Settings) -> list[Finding]:
    """Those that the settings need, with the messages that a run would end with."""
    findings = []
    if configured.storages.use_neo4j:
        from aegis_pipeline.graph.servers import check_neo4j

        findings.append(_server("Neo4j", check_neo4j(configured)))
    if configured.storages.use_postgres:
        from aegis_pipeline.graph.servers import check_postgres

        findings.append(_server("PostgreSQL", check_postgres(configured)))
    return findings


def _server(name: str, check: Coroutine[None, None, str]) -> Finding:
    import asyncio

    try:
        return Finding(name, ok=True, state=asyncio.run(check))
    except AegisError as error:
        return Finding(name, ok=False, state=str(error))


def _gpu(configured: Settings) -> Finding:
    import torch

    asked = configured.device.startswith("cuda")
    if torch.cuda.is_available():
        return Finding("GPU", ok=True, state=torch.cuda.get_device_name(0), needed=asked)
    remedy = "Set DEVICE=auto or cpu, or install a driver that `nvidia-smi` finds."
    return Finding("GPU", ok=False, state="none: models run on the CPU", remedy=remedy if asked else "", needed=asked)


def _legacy(configured: Settings) -> Finding:
    """The model of LightRAG's own extraction, which is missing only where that is to run."""
    from aegis_pipeline.pipeline.legacy_llm import legacy_llm
    from aegis_pipeline.pipeline.rollout import may_run_legacy

    async def check() -> str:
        return await legacy_llm(configured).check()

    found = _server("LLM of lightrag_default", check())
    return replace(found, needed=may_run_legacy(configured))
