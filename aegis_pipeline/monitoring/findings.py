"""What the chosen settings find on this machine, what is lacking, and what mends it: for `aegis doctor` and for health.

Each function looks for one thing, and imports what it needs: a part that is not installed is a finding too.
"""

from collections.abc import Coroutine
from dataclasses import dataclass, replace

from aegis_pipeline.errors import AegisError
from aegis_pipeline.settings import NerBackend, RelationBackend, Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for. What is not ``needed`` may be missing."""

    name: str
    ok: bool
    state: str
    remedy: str = ""
    needed: bool = True


def models(configured: Settings, verbose: bool) -> list[Finding]:
    """The spaCy model and the sentence encoder: from where, which version, whether their files have the known hash."""
    from aegis_pipeline.models import describe_models

    findings = []
    for model in describe_models(configured):
        where = f" at {model.location}" if verbose and model.location else ""
        hashed = {True: ", hash verified", False: ", hash wrong", None: ""}[model.hash_ok]
        state = model.lacks or f"{model.origin.value} {model.version}{hashed}{where}"
        findings.append(Finding(f"{model.setting}={model.name}", model.usable, state, model.remedy))
    return findings


def reader(configured: Settings, verbose: bool) -> list[Finding]:
    """The trained reader where a phase is set to it: what it learned from, and whether its weights are those."""
    from aegis_pipeline.reader.files import ReaderFiles

    if configured.ner_backend is not NerBackend.READER and configured.relation_backend is not RelationBackend.EMBEDDED:
        return []
    name = f"READER_MODEL={configured.reader_model or 'the one of this package'}"
    try:
        files = ReaderFiles.of(configured)
        files.verify()
    except AegisError as error:
        return [Finding(name, ok=False, state=str(error))]
    training, weights = files.manifest.training, files.manifest.sha256
    hashes = ", ".join(f"{file} {sha256[:12]}" for file, sha256 in weights.items())
    where = f" at {files.folder}" if verbose else ""
    learned = f"learned from {training.data.name} {training.train}, tuned on {training.tune}"
    return [Finding(name, ok=True, state=f"{learned}; {hashes}: verified{where}{_other_language(configured)}")]


def _other_language(configured: Settings) -> str:
    """What follows where the reader reads another language than the spaCy model."""
    from aegis_pipeline.models import model_language
    from aegis_pipeline.reader.labels import LANGUAGE

    if model_language(configured.spacy_model) in (LANGUAGE, "xx"):
        return ""
    return f"; it reads English only, so {configured.spacy_model} finds the mentions"


def relation_schema(configured: Settings) -> Finding:
    """Which schema is used, how many predicates it has, and whether the backend can state them."""
    from aegis_pipeline.relations import usable_schema

    name = f"RELATION_SCHEMA={configured.relation_schema or 'relations.yaml'}"
    try:
        return Finding(name, ok=True, state=f"{len(usable_schema(configured))} predicates")
    except AegisError as error:
        return Finding(name, ok=False, state=str(error))


def home(configured: Settings) -> Finding:
    """Everything is written under AEGIS_HOME: the nearest folder that is there must let us."""
    import os

    existing = next(folder for folder in (configured.home, *configured.home.parents) if folder.exists())
    writable = existing.is_dir() and os.access(existing, os.W_OK)
    state = f"{configured.home}" if writable else f"{existing} cannot be written"
    return Finding("AEGIS_HOME", writable, state, "Set AEGIS_HOME to a folder that you may write.")


def servers(configured: Settings) -> list[Finding]:
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


def gpu(configured: Settings) -> Finding:
    """The GPU that PyTorch would use; needed where DEVICE asks for one."""
    import torch

    asked = configured.device.startswith("cuda")
    if torch.cuda.is_available():
        return Finding("GPU", ok=True, state=torch.cuda.get_device_name(0), needed=asked)
    remedy = "Set DEVICE=auto or cpu, or install a driver that `nvidia-smi` finds."
    return Finding("GPU", ok=False, state="none: models run on the CPU", remedy=remedy if asked else "", needed=asked)


def relation_llm(configured: Settings) -> list[Finding]:
    """The server and model of RELATION_BACKEND=ollama or openai."""
    if configured.relation_backend is RelationBackend.EMBEDDED:
        return []
    from aegis_pipeline.relations import load_schema
    from aegis_pipeline.relations.llm import check_llm

    async def check() -> str:
        return await check_llm(configured, load_schema(configured.relation_schema))

    return [_server("LLM of RELATION_BACKEND", check())]


def legacy(configured: Settings) -> Finding:
    """The model of LightRAG's own extraction, which is missing only where that is to run."""
    from aegis_pipeline.pipeline.legacy_llm import legacy_llm
    from aegis_pipeline.pipeline.rollout import may_run_legacy

    async def check() -> str:
        return await legacy_llm(configured).check()

    found = _server("LLM of lightrag_default", check())
    return replace(found, needed=may_run_legacy(configured))
