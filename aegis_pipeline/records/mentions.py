"""Phase 1: mentions."""

from dataclasses import dataclass

from aegis_pipeline.records.documents import Span
from aegis_pipeline.records.outcomes import PhaseOutcome


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text. ``label`` is the model's, ``type`` the project's; ``sentence`` is the sentence's index in the
    document and ``context`` its text; ``is_node`` is false for numeric labels, which are extracted but are no nodes
    of the graph."""

    document_id: str
    chunk_id: str
    sentence: int
    span: Span
    text: str
    label: str
    type: str
    source: str
    is_node: bool = True
    context: str = ""

    @property
    def id(self) -> str:
        """Unique over all documents: mentions of one document never share a span."""
        return f"{self.document_id}:{self.span.start}-{self.span.end}"


@dataclass(frozen=True, slots=True)
class MentionResult:
    """Phase 1: mentions of a batch, and how it ended for each document."""

    mentions: tuple[Mention, ...]
    outcomes: tuple[PhaseOutcome, ...]
