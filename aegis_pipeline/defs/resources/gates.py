"""The thresholds of the gates."""

from aegis_pipeline.defs.resources.base import SettingsResource, setting
from aegis_pipeline.gates import DedupLimits, MentionLimits


class GateResource(SettingsResource):
    """The thresholds of the gates, and what they allow."""

    parse_rate_min: float = setting("parse_rate_min")
    parse_rate_warn: float = setting("parse_rate_warn")
    mention_rate_min: float = setting("mention_rate_min")
    mention_rate_max: float = setting("mention_rate_max")
    mention_rate_words: int = setting("mention_rate_words")
    max_share_without_mentions: float = setting("max_share_without_mentions")
    dedup_ratio_min: float = setting("dedup_ratio_min")
    dedup_ratio_max: float = setting("dedup_ratio_max")
    dedup_max_share: float = setting("dedup_max_share")
    dedup_ratio_names: int = setting("dedup_ratio_names")
    dedup_precision_min: float = setting("dedup_precision_min")
    max_degraded_fraction: float = setting("max_degraded_fraction")
    allow_relation_fallback: bool = setting("allow_relation_fallback")
    max_drift: float = setting("max_drift")
    drift_batches: int = setting("drift_batches")
    drift_relations: int = setting("drift_relations")
    vram_budget_gb: float = setting("vram_budget_gb")
    quality_tolerance: float = setting("quality_tolerance")

    def mention_limits(self) -> MentionLimits:
        """Those of ``mention_rate``."""
        return MentionLimits(
            self.mention_rate_min, self.mention_rate_max, self.max_share_without_mentions, self.mention_rate_words
        )

    def dedup_limits(self) -> DedupLimits:
        """Those of ``dedup_ratio_bounds``."""
        return DedupLimits(self.dedup_ratio_min, self.dedup_ratio_max, self.dedup_max_share, self.dedup_ratio_names)
