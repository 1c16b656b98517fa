"""Which relation extractor the settings ask for, and whether it can state what the relation schema has."""

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.models.loading import CACHE
from aegis_pipeline.reader.files import RELATIONS, ReaderFiles
from aegis_pipeline.relations.embedded import EmbeddedRelationExtractor
from aegis_pipeline.relations.fallback import FallbackRelationExtractor
from aegis_pipeline.relations.interface import RelationExtractor
from aegis_pipeline.relations.llm import build_llm_extractor
from aegis_pipeline.relations.schema import RelationSchema
from aegis_pipeline.relations.schema_file import load_schema
from aegis_pipeline.settings import RelationBackend, RelationFallback, Settings


def build_relation_extractor(settings: Settings) -> RelationExtractor:
    """The extractor of phase 3: the trained reader, or an LLM with the reader for what that loses.

    Raises:
        ModelError: the reader's files cannot be used.
        InputError: RELATION_SCHEMA cannot be used.
        SettingsError: the schema has a predicate that the backend cannot state, or an LLM's client is not installed.
    """
    schema = usable_schema(settings)
    if settings.relation_backend is RelationBackend.EMBEDDED:
        return _embedded(settings, schema)
    by_llm = build_llm_extractor(settings, schema)
    if settings.relation_fallback is RelationFallback.NONE:
        return by_llm
    return FallbackRelationExtractor(by_llm, lambda: _embedded(settings, schema))


def usable_schema(settings: Settings) -> RelationSchema:
    """The schema of RELATION_SCHEMA, of which RELATION_BACKEND can state every predicate; no weights are loaded.

    Raises:
        ModelError: the reader's files cannot be used.
        InputError: the file cannot be used.
        SettingsError: the reader has not learned a predicate; the message names it, and what would state it.
    """
    schema = load_schema(settings.relation_schema)
    if settings.relation_backend is RelationBackend.EMBEDDED:
        _require_learned(schema, ReaderFiles.of(settings).manifest.properties)
    return schema


def _require_learned(schema: RelationSchema, learned: tuple[str, ...]) -> None:
    if unknown := [found.key for found in schema.values() if found.pid not in learned]:
        known = sorted(learned, key=lambda pid: int(pid[1:]))
        raise SettingsError(
            f"RELATION_BACKEND=embedded cannot state {', '.join(unknown)} of RELATION_SCHEMA: the reader has learned "
            f"the properties {', '.join(known)} (`pid`). Remove these predicates from the schema, or let an LLM state "
            "them: RELATION_BACKEND=ollama or openai."
        )


def _embedded(settings: Settings, schema: RelationSchema) -> EmbeddedRelationExtractor:
    from aegis_pipeline.reader.loading import load_relation_reader

    files = ReaderFiles.of(settings)
    key = ("relations", str(files.folder), files.manifest.sha256[RELATIONS], settings.device)
    reader = CACHE.get(key, lambda: load_relation_reader(files, settings.device))
    return EmbeddedRelationExtractor(reader, files.manifest, schema, settings.relation_min_confidence)
