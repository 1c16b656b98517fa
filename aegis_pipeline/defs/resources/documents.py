"""How documents are read."""

from aegis_pipeline.defs.resources.base import SettingsResource, setting
from aegis_pipeline.pipeline.kept import digest
from aegis_pipeline.version import VERSION


class ReadingResource(SettingsResource):
    """How documents are read: limits, languages, chunks."""

    max_document_bytes: int = setting("max_document_bytes")
    max_document_characters: int = setting("max_document_characters")
    max_document_pages: int = setting("max_document_pages")
    parse_timeout_seconds: float = setting("parse_timeout_seconds")
    parse_memory_bytes: int = setting("parse_memory_bytes")
    language_floor: float = setting("language_floor")
    chunk_tokens: int = setting("chunk_tokens")

    def version(self, languages: frozenset[str]) -> str:
        """A digest of what decides what a file is read as: this project, the limits, the languages of the models."""
        return digest(VERSION, self.model_dump(mode="json", exclude={"chunk_tokens"}), sorted(languages))
