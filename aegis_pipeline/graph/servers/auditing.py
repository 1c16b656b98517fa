"""A graph in servers held against what it was made from."""

from aegis_pipeline.graph.audit.faults import GraphFaults, find_faults
from aegis_pipeline.graph.audit.stored import stored_rows
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.served_archive import Archived
from aegis_pipeline.graph.servers.opening import Opened
from aegis_pipeline.graph.typed.auditing import expected_typed_rows
from aegis_pipeline.graph.update import plan
from aegis_pipeline.models import Encoder


async def faults_of(opened: Opened, kept: Archived, encoder: Encoder) -> GraphFaults:
    """Every row that is not as ``kept`` makes it; of the rows that a killed write may have touched, how many."""
    expected = plan(Corpus(), kept.corpus, lambda text: len(encoder.tokenizer.encode(text)), encoder.max_tokens).after
    stored = await stored_rows(opened.rag)
    if opened.in_neo4j:
        expected = expected | expected_typed_rows(kept.corpus)
        stored |= await opened.rag.chunk_entity_relation_graph.typed_rows()
    opened.raise_failure()
    return find_faults(expected, stored, sum(map(len, kept.pending.values())))
