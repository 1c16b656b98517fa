"""What assets need that is slow to load or lies outside: models, the document lake, the graph, and their settings.

Every field can be changed in the launchpad of Dagster's UI; default, limits and description are those of the setting
of the same name. Models are loaded when they are first used, and once per process, by the room ``models``.
"""

from contextlib import closing
from copy import copy
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar

import dagster as dg
from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from aegis_pipeline.graph import GraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.mentions import MentionExtractor, build_mention_extractor
from aegis_pipeline.models import Encoder, load_encoder
from aegis_pipeline.pipeline.extraction import readable_languages
from aegis_pipeline.pipeline.kept import digest
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import legacy_llm
from aegis_pipeline.pipeline.rollout import arms_of
from aegis_pipeline.pipeline.stores import graph_root, graph_store, lake_root
from aegis_pipeline.pipeline.user_names import UserNames, load_user_names
from aegis_pipeline.relations import RelationExtractor, RelationSchema, build_relation_extractor, load_schema
from aegis_pipeline.settings import ExtractionPipeline, Settings, settings
from aegis_pipeline.version import VERSION


def _setting(name: str) -> Any:
    """A resource's field that is the setting of that name."""
    return _with_default(Settings.model_fields[name], Settings.model_fields[name].default)


def _with_default(field: FieldInfo, default: Any) -> FieldInfo:
    """Paths and choices are text in Dagster's configuration."""
    own = copy(field)
    own.default = str(default) if isinstance(default, Path | StrEnum) else default
    return own


def _path(name: str) -> Any:
    """The field of a setting that is a path, or None: Dagster's configuration has no paths."""
    return Field(default=None, description=Settings.model_fields[name].description)


class SettingsResource(dg.ConfigurableResource[Any]):
    """A group of settings that a run may have its own values of."""

    @property
    def settings(self) -> Settings:
        """The process's settings, with this resource's fields in their place."""
        own = {name: self._own(name) for name in type(self).model_fields if name in Settings.model_fields}
        return settings().model_copy(update=own)

    def _own(self, name: str) -> Any:
        """The value as the setting has it: Dagster's configuration has no paths, and names an enumeration's members in
        the launchpad; a literal has the values that the setting has."""
        value, kind = getattr(self, name), Settings.model_fields[name].annotation
        if kind == Path | None:
            return Path(value) if value else None
        return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value


class ReadingResource(SettingsResource):
    """How documents are read: limits, languages, chunks."""

    max_document_bytes: int = _setting("max_document_bytes")
    max_document_characters: int = _setting("max_document_characters")
    max_document_pages: int = _setting("max_document_pages")
    parse_timeout_seconds: float = _setting("parse_timeout_seconds")
    parse_memory_bytes: int = _setting("parse_memory_bytes")
    language_floor: float = _setting("language_floor")
    chunk_tokens: int = _setting("chunk_tokens")

    def version(self, languages: frozenset[str]) -> str:
        """A digest of what decides what a file is read as: this project, the limits, the languages of the models."""
        return digest(VERSION, self.model_dump(mode="json", exclude={"chunk_tokens"}), sorted(languages))


class EncoderResource(SettingsResource):
    """The sentence encoder: it counts tokens for chunks and makes the graph's vectors."""

    encoder_model: str = _setting("encoder_model")
    device: str = _setting("device")

    def encoder(self) -> Encoder:
        """The encoder, loaded once per process."""
        return load_encoder(self.encoder_model, device=self.device)


class NerResource(SettingsResource):
    """Phase 1: the spaCy model or the trained reader, the glossary, and whether the regex fallback may stand in."""

    ner_backend: Literal["spacy", "reader"] = _setting("ner_backend")
    reader_model: str | None = _path("reader_model")
    spacy_model: str = _setting("spacy_model")
    device: str = _setting("device")
    glossary: str | None = _path("glossary")
    mention_fallback: bool = _setting("mention_fallback")
    numeric_nodes: bool = _setting("numeric_nodes")
    extraction_batch_size: int = _setting("extraction_batch_size")

    def extractor(self) -> MentionExtractor:
        """The extractor of phase 1; its model is loaded at the first use."""
        return build_mention_extractor(self.settings)

    def languages(self) -> frozenset[str]:
        """The languages that the model reads."""
        return readable_languages(self.spacy_model)


class DeduplicatorResource(SettingsResource):
    """Phase 2: what the user says of names, in the file of merge overrides and in phase 1's glossary."""

    aegis_merge_overrides: str | None = _path("aegis_merge_overrides")

    def names(self, glossary: str | None) -> UserNames:
        """What both files say now."""
        files = (glossary, self.aegis_merge_overrides)
        return load_user_names(*(Path(file) if file else None for file in files))


class RelationResource(SettingsResource):
    """Phase 3: the relation extractor. The key of an LLM's server comes from the environment only."""

    device: str = _setting("device")
    relation_backend: Literal["embedded", "ollama", "openai"] = _setting("relation_backend")
    reader_model: str | None = _path("reader_model")
    relation_schema: str | None = _path("relation_schema")
    relation_min_confidence: float = _setting("relation_min_confidence")
    relation_model: str = _setting("relation_model")
    relation_call_tokens: int = _setting("relation_call_tokens")
    relation_answer_tokens: int = _setting("relation_answer_tokens")
    relation_timeout_seconds: float = _setting("relation_timeout_seconds")
    relation_retry_attempts: int = _setting("relation_retry_attempts")
    relation_retry_multiplier: float = _setting("relation_retry_multiplier")
    relation_retry_min_seconds: float = _setting("relation_retry_min_seconds")
    relation_retry_max_seconds: float = _setting("relation_retry_max_seconds")
    relation_fallback: Literal["embedded", "none"] = _setting("relation_fallback")
    extraction_max_workers: int = _setting("extraction_max_workers")
    ollama_host: str = _setting("ollama_host")
    openai_base_url: str = _setting("openai_base_url")

    def extractor(self) -> RelationExtractor:
        """The extractor of phase 3."""
        return build_relation_extractor(self.settings)

    def predicates(self) -> RelationSchema:
        """What relations may say: the same for the extractor and for the graph."""
        return load_schema(self.settings.relation_schema)


class ArmsResource(SettingsResource):
    """Which pipelines the batch goes through."""

    extraction_pipeline: Literal["three_phase", "lightrag_default"] = _setting("extraction_pipeline")
    enable_legacy_extraction: bool = _setting("enable_legacy_extraction")
    extraction_rollout_percent: int = _setting("extraction_rollout_percent")

    def include(self, arm: ExtractionPipeline, batch: str, log: dg.DagsterLogManager) -> bool:
        """Whether ``arm`` is among them; what is left out is told."""
        chosen = arms_of(batch, self.settings)
        if arm not in chosen:
            log.info(f"{batch} goes through {', '.join(sorted(chosen))}: nothing to do. EXTRACTION_PIPELINE decides.")
        return arm in chosen


class LegacyResource(SettingsResource):
    """The legacy arm: LightRAG's own extraction by an LLM. A key comes from the environment only."""

    legacy_server: Literal["ollama", "openai"] = _setting("legacy_server")
    legacy_model: str = _setting("legacy_model")
    legacy_answer_tokens: int = _setting("legacy_answer_tokens")
    legacy_timeout_seconds: int = _setting("legacy_timeout_seconds")
    ollama_host: str = _setting("ollama_host")
    openai_base_url: str = _setting("openai_base_url")
    extraction_max_workers: int = _setting("extraction_max_workers")

    def pipeline(self, encoder: Encoder) -> LegacyPipeline:
        """The arm, with vectors by ``encoder``."""
        return LegacyPipeline(self.settings, encoder, legacy_llm(self.settings))


class GateResource(SettingsResource):
    """The thresholds of the gates, and what they allow."""

    parse_rate_min: float = _setting("parse_rate_min")
    parse_rate_warn: float = _setting("parse_rate_warn")
    max_degraded_fraction: float = _setting("max_degraded_fraction")
    allow_relation_fallback: bool = _setting("allow_relation_fallback")


class LakeResource(SettingsResource):
    """The document lake."""

    root: str = Field(description="Path or fsspec URL under which the tables of all batches lie.")

    def lake(self) -> DocumentLake:
        """The lake under ``root``."""
        return DocumentLake(self.root)


class GraphResource(SettingsResource):
    """The knowledge graph."""

    root: str = Field(description="Folder of the embedded graph; beside it lies what a graph in servers has in files.")
    extraction_batch_size: int = _setting("extraction_batch_size")

    def store(self, encoder: Encoder) -> closing[GraphStore]:
        """The store at ``root`` or in the servers of the settings, vectors by ``encoder``; closed after its use."""
        return closing(graph_store(self.settings, encoder, Path(self.root)))


R = TypeVar("R", bound=SettingsResource)


def _as_set(kind: type[R], configured: Settings, **own: str) -> R:
    """A resource with the values of the settings, as the defaults of its class: for a resource that a run configures in
    part, Dagster takes the rest from there."""
    values = {name: getattr(configured, name) for name in kind.model_fields if name in Settings.model_fields} | own
    fields = {name: _with_default(kind.model_fields[name], value) for name, value in values.items()}
    described: Any = {name: (field.annotation, field) for name, field in fields.items()}
    return create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__, **described)(
        **{name: field.default for name, field in fields.items()}
    )


def resources(configured: Settings) -> dict[str, SettingsResource]:
    """Every resource by its key, with the settings as defaults."""
    return {
        "lake": _as_set(LakeResource, configured, root=lake_root(configured)),
        "reading": _as_set(ReadingResource, configured),
        "encoder": _as_set(EncoderResource, configured),
        "ner": _as_set(NerResource, configured),
        "deduplicator": _as_set(DeduplicatorResource, configured),
        "relation_model": _as_set(RelationResource, configured),
        "graph": _as_set(GraphResource, configured, root=str(graph_root(configured))),
        "arms": _as_set(ArmsResource, configured),
        "legacy": _as_set(LegacyResource, configured),
        "gate": _as_set(GateResource, configured),
    }
