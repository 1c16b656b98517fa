"""The thresholds of the gates."""

from aegis_pipeline.defs.resources.base import SettingsResource, setting


class GateResource(SettingsResource):
    """The thresholds of the gates, and what they allow."""

    parse_rate_min: float = setting("parse_rate_min")
    parse_rate_warn: float = setting("parse_rate_warn")
    max_degraded_fraction: float = setting("max_degraded_fraction")
    allow_relation_fallback: bool = setting("allow_relation_fallback")
