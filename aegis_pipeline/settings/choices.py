"""What a setting can be chosen from."""

from enum import StrEnum
from typing import NamedTuple


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


class KeepModels(StrEnum):
    """Whether models stay on the GPU when their phase ends."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class RelationFallback(StrEnum):
    """What reads the chunks that the LLM lost."""

    EMBEDDED = "embedded"
    NONE = "none"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """How severe a line of the log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
