"""Settings of the gates: their thresholds, and what they allow."""

from pydantic import BaseModel, Field


class GateSettings(BaseModel):
    """The threshold of each gate."""

    parse_rate_min: float = Field(0.1, ge=0, le=1, description="documents_parse_rate fails the batch below it.")
    parse_rate_warn: float = Field(0.9, ge=0, le=1, description="documents_parse_rate warns below it.")

    max_degraded_fraction: float = Field(
        0.01,
        ge=0,
        le=1,
        description="degraded_fraction fails the batch above it: the share of chunks that nothing read for relations, "
        "or whose mentions are the regex tagger's.",
    )
    allow_relation_fallback: bool = Field(
        True,
        description="degraded_fraction only warns of chunks that RELATION_FALLBACK read. false: they count as lost.",
    )
