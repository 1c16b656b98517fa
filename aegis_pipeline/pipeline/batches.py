"""A batch between the lake and the phases: what was read before, and what it contributes to the graph."""

from aegis_pipeline import lake as tables
from aegis_pipeline.documents import KnownDocument, known_documents
from aegis_pipeline.graph import BatchContribution, contribute
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.records import FolderContents
from aegis_pipeline.version import VERSION


def known_of(lake: DocumentLake, batch: str) -> dict[str, KnownDocument]:
    """What this version read of the batch before, so that files with the same bytes need not be parsed again."""
    if lake.origin(batch).get("version") != VERSION:
        return {}
    if not (lake.has(batch, tables.DOCUMENTS) and lake.has(batch, tables.MANIFEST)):
        return {}
    return known_documents(FolderContents(lake.read(batch, tables.DOCUMENTS), lake.read(batch, tables.MANIFEST)))


def contribution_of(lake: DocumentLake, batch: str) -> BatchContribution:
    """The batch's contribution, from the tables that the phases have written.

    Raises:
        LakeError: a phase has not run for this batch.
    """
    return contribute(
        batch,
        lake.read(batch, tables.DOCUMENTS),
        lake.read(batch, tables.CHUNKS),
        lake.read(batch, tables.ENTITIES),
        lake.read(batch, tables.RELATIONS),
    )
