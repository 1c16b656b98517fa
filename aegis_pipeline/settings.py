"""Every setting, once: from the environment or a ``.env`` file in the working directory.

The environment variable is the field's name in capitals. ``docs/settings.md`` is made from this file.
"""

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from aegis_pipeline.errors import SettingsError


class ExtractionPipeline(StrEnum):
    """Which pipeline turns documents into a graph."""

    THREE_PHASE = "three_phase"
    LIGHTRAG_DEFAULT = "lightrag_default"


class LegacyServer(StrEnum):
    """Whose protocol the legacy arm's model is asked by."""

    OLLAMA = "ollama"
    OPENAI = "openai"


class Profile(StrEnum):
    """Where the graph and the lake are kept, and what is needed for it."""

    EMBEDDED = "embedded"
    PRODUCTION = "production"


class GraphStorage(StrEnum):
    """Where nodes and edges are kept."""

    FILES = "files"
    NEO4J = "neo4j"


class RowStorage(StrEnum):
    """Where vectors, rows or statuses are kept."""

    FILES = "files"
    POSTGRES = "postgres"


class Storages(NamedTuple):
    """Where each of LightRAG's four kinds of store is kept."""

    graph: GraphStorage
    vectors: RowStorage
    rows: RowStorage
    statuses: RowStorage

    @property
    def use_neo4j(self) -> bool:
        """Whether a Neo4j server is needed."""
        return self.graph is GraphStorage.NEO4J

    @property
    def use_postgres(self) -> bool:
        """Whether a PostgreSQL server is needed."""
        return RowStorage.POSTGRES in self[1:]

    @property
    def use_files(self) -> bool:
        """Whether any of them is in files."""
        return self.graph is GraphStorage.FILES or RowStorage.FILES in self[1:]

    @property
    def use_servers(self) -> bool:
        """Whether any server is needed."""
        return self.use_neo4j or self.use_postgres


class NerBackend(StrEnum):
    """What finds mentions in phase 1."""

    SPACY = "spacy"
    READER = "reader"


class RelationBackend(StrEnum):
    """What finds relations in phase 3."""

    EMBEDDED = "embedded"
    OLLAMA = "ollama"
    OPENAI = "openai"


class RelationFallback(StrEnum):
    """What reads the chunks that the LLM lost."""

    EMBEDDED = "embedded"
    NONE = "none"


class Settings(BaseSettings):
    """All settings of a run; frozen, so that a run's settings are those that its metadata shows."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    # Where everything is kept
    aegis_home: Path = Field(Path(".aegis"), description="Folder of the lake, the graph and Dagster's own files.")
    aegis_profile: Profile = Field(
        Profile.EMBEDDED,
        description="Where the graph is kept. embedded: in files, with no server. production: in Neo4j and PostgreSQL.",
    )

    # Which pipeline
    extraction_pipeline: ExtractionPipeline = Field(
        ExtractionPipeline.THREE_PHASE,
        description="three_phase, or lightrag_default: LightRAG's own extraction by an LLM (docs/legacy.md).",
    )
    enable_legacy_extraction: bool = Field(
        False, description="Run LightRAG's extraction beside the three phases, for comparison, into its own graph."
    )
    extraction_rollout_percent: int = Field(
        100,
        ge=0,
        le=100,
        description="With three_phase: the share of batches that go through the three phases, the others to LightRAG.",
    )
    extraction_batch_size: int = Field(10, ge=1, le=100, description="Items in one inference call of phases 1 to 3.")
    extraction_max_workers: int = Field(4, ge=1, le=16, description="LLM requests in flight at once.")

    # Models
    spacy_model: str = Field(
        "en_core_web_sm",
        description="spaCy package or path: en_core_web_sm, en_core_web_trf, … The bundled one stands in for sm.",
    )
    ner_backend: NerBackend = Field(
        NerBackend.READER,
        description="reader: the tagger of READER_MODEL for English, finer labels by SPACY_MODEL. spacy: that alone.",
    )
    relation_backend: RelationBackend = Field(
        RelationBackend.EMBEDDED,
        description="embedded: the relation network of READER_MODEL, which reads English. ollama or openai: an LLM "
        "(docs/llm-relations.md).",
    )
    reader_model: Path | None = Field(
        None, description="Folder of a reader that `aegis train-reader` trained. By default the one that comes along."
    )
    relation_schema: Path | None = Field(
        None, description="YAML file of the relations to state (docs/relations-schema.md). By default the package's."
    )
    encoder_model: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="sentence-transformers hub id or path; the bundled one stands in for all-MiniLM-L6-v2.",
    )
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N.")
    glossary: Path | None = Field(None, description="TOML or JSONL file of your own names: name, type, aliases.")
    aegis_merge_overrides: Path | None = Field(
        None, description="TOML file of names that are always, or never, one thing (docs/identity.md)."
    )
    numeric_nodes: bool = Field(False, description="Make numbers, money, percentages and times nodes of the graph.")
    mention_fallback: bool = Field(True, description="Fall back to the regex tagger when the models fail.")
    relation_min_confidence: float = Field(
        0.6,  # the least at which precision on Re-DocRED dev 350-399 is .75: .76 there, with recall .25
        ge=0,
        le=1,
        description="Relations below it are not kept: of those at 0.6 or more, 3 of 4 are right (docs/reader.md).",
    )

    # Documents
    max_document_bytes: int = Field(20_000_000, ge=1, description="Larger files get the status too_large.")
    max_document_characters: int = Field(1_000_000, ge=1, description="Longer texts get the status too_large.")
    max_document_pages: int = Field(2_000, ge=1, description="Longer PDFs get the status too_large.")
    parse_timeout_seconds: float = Field(60, gt=0, description="Time limit of one parse.")
    parse_memory_bytes: int = Field(2_000_000_000, ge=200_000_000, description="Memory limit of one parse.")
    language_floor: float = Field(0.7, ge=0, le=1, description="Below it the language is unsure; English is assumed.")
    chunk_tokens: int = Field(256, ge=32, description="Encoder tokens of a chunk, at most what the encoder reads.")

    # Gates
    parse_rate_min: float = Field(0.1, ge=0, le=1, description="documents_parse_rate fails the batch below it.")
    parse_rate_warn: float = Field(0.9, ge=0, le=1, description="documents_parse_rate warns below it.")

    max_degraded_fraction: float = Field(
        0.01,
        ge=0,
        le=1,
        description="degraded_fraction fails the batch above it: the share of chunks that nothing read for relations, "
        "or whose mentions are the regex tagger's.",
    )
    allow_relation_fallback: bool = Field(
        True,
        description="degraded_fraction only warns of chunks that RELATION_FALLBACK read. false: they count as lost.",
    )

    # The stores, each by itself where it is not as the profile says
    graph_storage: GraphStorage | None = Field(
        None, description="Nodes and edges: files or neo4j. By default as AEGIS_PROFILE says."
    )
    vector_storage: RowStorage | None = Field(
        None, description="Vectors: files or postgres (with pgvector). By default as AEGIS_PROFILE says."
    )
    kv_storage: RowStorage | None = Field(
        None,
        description="Texts, chunks, what batches contribute: files or postgres. By default as AEGIS_PROFILE says.",
    )
    doc_status_storage: RowStorage | None = Field(
        None, description="Statuses of documents: files or postgres. By default as AEGIS_PROFILE says."
    )
    aegis_workspace: str = Field(
        "aegis",
        pattern=r"^[a-z_][A-Za-z0-9_]{0,62}$",  # labels of the typed graph begin with a capital
        description="LightRAG's workspace in the servers: the label of its nodes in Neo4j, a column in PostgreSQL.",
    )

    # Neo4j
    neo4j_uri: str = Field("bolt://127.0.0.1:7687", description="Address of the Neo4j server.")
    neo4j_username: str = Field("neo4j", description="User of the Neo4j server.")
    neo4j_password: SecretStr | None = Field(None, description="Password of the Neo4j server.")
    neo4j_database: str = Field("neo4j", description="Database on the Neo4j server.")

    # PostgreSQL
    postgres_host: str = Field("127.0.0.1", description="Host of the PostgreSQL server, or the folder of its socket.")
    postgres_port: int = Field(5432, ge=1, le=65535, description="Port of the PostgreSQL server.")
    postgres_user: str = Field("postgres", description="User of the PostgreSQL server.")
    postgres_password: SecretStr | None = Field(None, description="Password of the PostgreSQL server.")
    postgres_database: str = Field("postgres", description="Database on the PostgreSQL server.")

    # Relations by an LLM
    relation_model: str = Field(
        "gemma3:4b", description="Model of RELATION_BACKEND=ollama or openai, and of `aegis query --answer`."
    )
    relation_call_tokens: int = Field(
        8_000, ge=500, description="Tokens of documents in one call, as estimated: short documents share it."
    )
    relation_answer_tokens: int = Field(12_288, ge=64, description="Tokens that one answer may have.")
    relation_timeout_seconds: float = Field(
        600, gt=0, description="Longest silence of the server; with few calls at once in it, others wait in line."
    )
    relation_retry_attempts: int = Field(3, ge=1, le=10, description="Attempts of a call, the first included.")
    relation_retry_multiplier: float = Field(1, ge=0, description="Waits are this many seconds, doubled each time, …")
    relation_retry_min_seconds: float = Field(2, ge=0, description="… but at least so many …")
    relation_retry_max_seconds: float = Field(10, ge=0, description="… and at most so many.")
    relation_fallback: RelationFallback = Field(
        RelationFallback.EMBEDDED,
        description="What reads the documents that the LLM lost: embedded (the reader), or none: entities only.",
    )

    # The LLM's server, of RELATION_BACKEND or of the legacy arm
    ollama_host: str = Field("http://127.0.0.1:11434", description="Address of the Ollama server.")
    openai_base_url: str = Field(
        "http://127.0.0.1:8000/v1", description="Address of the server with OpenAI's protocol."
    )
    openai_api_key: SecretStr | None = Field(None, description="Its key, where it wants one.")

    # The legacy arm
    legacy_server: LegacyServer = Field(
        LegacyServer.OLLAMA,
        description="Server of the legacy arm: ollama, or openai: any that speaks OpenAI's protocol.",
    )
    legacy_model: str = Field("llama3.2:3b", description="Model of the legacy arm, as its server calls it.")
    legacy_answer_tokens: int = Field(
        4096, ge=16, description="Tokens that an answer of the legacy arm's model may have."
    )
    legacy_timeout_seconds: int = Field(240, ge=1, description="Time limit of an answer of the legacy arm's model.")

    @property
    def home(self) -> Path:
        """The absolute ``AEGIS_HOME``: two folders are two worlds."""
        return self.aegis_home.expanduser().absolute()

    @property
    def storages(self) -> Storages:
        """Where each store is: as it was set by itself, or else as the profile says."""
        production = self.aegis_profile is Profile.PRODUCTION
        rows = RowStorage.POSTGRES if production else RowStorage.FILES
        return Storages(
            graph=self.graph_storage or (GraphStorage.NEO4J if production else GraphStorage.FILES),
            vectors=self.vector_storage or rows,
            rows=self.kv_storage or rows,
            statuses=self.doc_status_storage or rows,
        )


def describe(error: ValidationError) -> str:
    """One line a wrong setting: its variable, the value got, and what is valid."""
    lines = []
    for fault in error.errors():
        name = str(fault["loc"][0]).upper() if fault["loc"] else "settings"
        lines.append(f"{name}={fault.get('input')!r}: {fault['msg']}")
    return "\n".join(lines) + "\nSet it in the environment or in .env; docs/settings.md lists all settings."


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a variable has a value that is not valid; the message names the valid ones.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(describe(error)) from None
