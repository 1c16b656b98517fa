"""What a measurement was made with: data, models, server, settings. None of it names a machine."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aegis_pipeline.llm.blocking import run
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.models.llm_servers import find_ollama_model, find_openai_model, ollama_version
from aegis_pipeline.reader.files import RELATIONS, TAGGER, Manifest, ReaderFiles
from aegis_pipeline.settings import NerBackend, RelationBackend, RelationFallback, Settings
from aegis_pipeline.settings.models import ModelSettings
from aegis_pipeline.version import VERSION

_DIGEST, _VERSION = re.compile(r"(sha256:)?[0-9a-f]{64}"), re.compile(r"\d+\.\d+\.\d+\S*")
_LLM_SETTING = "relation_"


def provenance(settings: Settings, data: Path, documents: str) -> dict[str, Any]:
    """As a result file has it; ``documents`` are the lines of ``data`` that are measured, ``FROM-TO``.

    ``unproven`` is there where the model cannot be told from another by what its server says of it, and ``seen`` where
    the trained reader, if it takes part, has learned from the data.

    Raises:
        ServiceUnavailableError: the model's server does not answer.
        ModelError: the server does not have the model, or the reader's files cannot be used.
        SettingsError: the server refuses the key.
    """
    found: dict[str, Any] = {
        "version": VERSION,
        "data": {"name": data.name, "sha256": sha256_of(data), "documents": documents},
        "mentions by": settings.ner_backend.value,
        "relations by": settings.relation_backend.value,
    }
    if settings.relation_backend is not RelationBackend.EMBEDDED:
        found["model"] = _served_model(settings)
        if reason := _unproven(found["model"]):
            found["unproven"] = reason
    if _reader_takes_part(settings):
        manifest = ReaderFiles.of(settings).manifest
        found["reader"] = {name: manifest.sha256.get(name) for name in (TAGGER, RELATIONS)}
        if seen := _seen(manifest, data):
            found["seen"] = seen
    return {**found, "settings": dict(_settings(settings))}


def _served_model(settings: Settings) -> dict[str, str | None]:
    name = settings.relation_model
    if settings.relation_backend is RelationBackend.OLLAMA:
        digest = run(find_ollama_model(settings.ollama_host, name, "RELATION_MODEL"))
        return {
            "name": name,
            "digest": digest,
            "server": "Ollama",
            "server version": ollama_version(settings.ollama_host),
        }
    run(find_openai_model(settings.openai_base_url, settings.openai_api_key, name, "RELATION_MODEL"))
    return {"name": name, "digest": None, "server": "OpenAI's protocol", "server version": None}


def _unproven(model: dict[str, str | None]) -> str:
    """Why the figures may be another model's, or no model's; empty where digest and version are those of a server."""
    if not _DIGEST.fullmatch(model["digest"] or ""):
        return f"the server tells no digest of the model's files, but {model['digest']!r}"
    if not _VERSION.fullmatch(model["server version"] or ""):
        return f"the server tells no version, but {model['server version']!r}"
    return ""


def _reader_takes_part(settings: Settings) -> bool:
    falls_back = settings.relation_fallback is RelationFallback.EMBEDDED
    return (
        settings.ner_backend is NerBackend.READER or settings.relation_backend is RelationBackend.EMBEDDED or falls_back
    )


def _seen(manifest: Manifest, data: Path) -> str:
    """Which lines of ``data`` the reader learned from or was tuned on; empty where it is another file."""
    training = manifest.training
    same = sha256_of(data) == training.data.sha256
    return f"the reader learned from {training.train} of it, and was tuned on {training.tune}" if same else ""


def _settings(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Those that decide what is found: of paths the last part, and no address."""
    for name in sorted(type(settings).model_fields):
        if name in ModelSettings.model_fields or name.startswith(_LLM_SETTING) or name == "chunk_tokens":
            value = settings.model_dump(include={name}, mode="json")[name]
            is_path = isinstance(getattr(settings, name), Path) or Path(str(value)).is_absolute()
            yield name.upper(), Path(str(value)).name if is_path else value
