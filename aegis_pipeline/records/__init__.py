"""Every record that passes between the phases, once.

All offsets are Python string indices into ``Document.text``, end exclusive. All records are frozen: a phase takes
records and returns new ones.
"""

from aegis_pipeline.records.documents import (
    Chunk,
    Document,
    DocumentStatus,
    FolderContents,
    ManifestRow,
    PlacedFile,
    Sentence,
    Span,
)
from aegis_pipeline.records.entities import Entity, EntityResult, MergeDecision, NameVector
from aegis_pipeline.records.mentions import Mention, MentionResult
from aegis_pipeline.records.outcomes import Fingerprint, Outcome, PhaseOutcome, Rejection
from aegis_pipeline.records.questions import ExportFormat, QueryMode
from aegis_pipeline.records.relations import DeadLetter, ModelUsage, Relation, RelationInput, RelationResult

__all__ = [
    "Chunk",
    "DeadLetter",
    "Document",
    "DocumentStatus",
    "Entity",
    "EntityResult",
    "ExportFormat",
    "Fingerprint",
    "FolderContents",
    "ManifestRow",
    "Mention",
    "MentionResult",
    "MergeDecision",
    "ModelUsage",
    "NameVector",
    "Outcome",
    "PhaseOutcome",
    "PlacedFile",
    "QueryMode",
    "Rejection",
    "Relation",
    "RelationInput",
    "RelationResult",
    "Sentence",
    "Span",
]
