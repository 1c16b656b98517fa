"""``aegis doctor``: what the chosen profile finds here, what is lacking, and the command that mends it."""

from dataclasses import dataclass
from typing import Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT
from aegis_pipeline.settings import ExtractionPipeline, Settings, settings


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
    findings = [*_models(settings(), verbose), _home(settings()), _gpu(settings()), _ollama(settings())]
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


def _gpu(configured: Settings) -> Finding:
    import torch

    asked = configured.device.startswith("cuda")
    if torch.cuda.is_available():
        return Finding("GPU", ok=True, state=torch.cuda.get_device_name(0), needed=asked)
    remedy = "Set DEVICE=auto or cpu, or install a driver that `nvidia-smi` finds."
    return Finding("GPU", ok=False, state="none: models run on the CPU", remedy=remedy if asked else "", needed=asked)


def _ollama(configured: Settings) -> Finding:
    """Only the legacy arm needs it."""
    import httpx

    needed = configured.extraction_pipeline is ExtractionPipeline.LIGHTRAG_DEFAULT
    host = configured.ollama_host
    try:
        tags = httpx.get(f"{host}/api/tags", timeout=2).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        state = f"no server at {host} ({type(error).__name__}); only the legacy arm needs one"
        return Finding("Ollama", ok=False, state=state, remedy="ollama serve" if needed else "", needed=needed)
    from aegis_pipeline.pipeline.legacy import serves

    ok = serves({model.get("name") for model in tags.get("models", [])}, configured.ollama_model)
    state = f"{host}, {configured.ollama_model} {'is there' if ok else 'is not there'}"
    return Finding("Ollama", ok, state, f"ollama pull {configured.ollama_model}", needed=needed)
