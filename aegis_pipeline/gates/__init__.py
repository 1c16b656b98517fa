"""Quality gates: pure functions from what a phase made to a verdict with its evidence. Thresholds are settings."""

from aegis_pipeline.gates.documents import documents_parse_rate
from aegis_pipeline.gates.graph import graph_counts_match, legacy_documents_extracted
from aegis_pipeline.gates.relations import degraded_fraction, relation_endpoints_exist
from aegis_pipeline.gates.verdict import Verdict

__all__ = [
    "Verdict",
    "degraded_fraction",
    "documents_parse_rate",
    "graph_counts_match",
    "legacy_documents_extracted",
    "relation_endpoints_exist",
]
