"""What a batch in the lake contributes to the graph."""

from aegis_pipeline import lake as tables
from aegis_pipeline.graph import BatchContribution, contribute
from aegis_pipeline.lake import DocumentLake


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
