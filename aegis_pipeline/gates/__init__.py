"""Quality gates: pure functions from what a phase made to a verdict with its evidence. Thresholds are settings."""

from aegis_pipeline.gates.documents import documents_parse_rate
from aegis_pipeline.gates.drift import BatchProfile, confidence_drift
from aegis_pipeline.gates.entities import (
    DedupLimits,
    EntityNames,
    IdentityOnGold,
    dedup_precision_on_gold,
    dedup_ratio_bounds,
)
from aegis_pipeline.gates.gpu import vram_budget
from aegis_pipeline.gates.graph import graph_counts_match, legacy_documents_extracted
from aegis_pipeline.gates.mentions import MentionCount, MentionLimits, count_words, mention_rate
from aegis_pipeline.gates.quality import quality_on_gold
from aegis_pipeline.gates.relations import degraded_fraction, relation_endpoints_exist
from aegis_pipeline.gates.verdict import Verdict

__all__ = [
    "BatchProfile",
    "DedupLimits",
    "EntityNames",
    "IdentityOnGold",
    "MentionCount",
    "MentionLimits",
    "Verdict",
    "confidence_drift",
    "count_words",
    "dedup_precision_on_gold",
    "dedup_ratio_bounds",
    "degraded_fraction",
    "documents_parse_rate",
    "graph_counts_match",
    "legacy_documents_extracted",
    "mention_rate",
    "quality_on_gold",
    "relation_endpoints_exist",
    "vram_budget",
]
