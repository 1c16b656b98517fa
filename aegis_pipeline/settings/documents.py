"""Settings of reading documents."""

from pydantic import BaseModel, Field


class DocumentSettings(BaseModel):
    """Limits of a document, its language, its chunks."""

    max_document_bytes: int = Field(20_000_000, ge=1, description="Larger files get the status too_large.")
    max_document_characters: int = Field(1_000_000, ge=1, description="Longer texts get the status too_large.")
    max_document_pages: int = Field(2_000, ge=1, description="Longer PDFs get the status too_large.")
    parse_timeout_seconds: float = Field(60, gt=0, description="Time limit of one parse.")
    parse_memory_bytes: int = Field(2_000_000_000, ge=200_000_000, description="Memory limit of one parse.")
    language_floor: float = Field(0.7, ge=0, le=1, description="Below it the language is unsure; English is assumed.")
    chunk_tokens: int = Field(256, ge=32, description="Encoder tokens of a chunk, at most what the encoder reads.")
