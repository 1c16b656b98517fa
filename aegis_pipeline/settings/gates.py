"""Settings of the gates: their thresholds, and what they allow. ``docs/gates.md`` says what each was measured on."""

from pydantic import BaseModel, Field


class GateSettings(BaseModel):
    """The threshold of each gate."""

    parse_rate_min: float = Field(0.1, ge=0, le=1, description="documents_parse_rate fails the batch below it.")
    parse_rate_warn: float = Field(0.9, ge=0, le=1, description="documents_parse_rate warns below it.")

    mention_rate_min: float = Field(
        5, ge=0, le=1000, description="mention_rate fails the batch below it: mentions per 1,000 words."
    )
    mention_rate_max: float = Field(
        500, ge=0, le=1000, description="mention_rate fails the batch above it: mentions per 1,000 words."
    )
    mention_rate_words: int = Field(1000, ge=1, description="mention_rate does not judge a batch of fewer words.")
    max_share_without_mentions: float = Field(
        0.5,
        ge=0,
        le=1,
        description="mention_rate fails the batch above it: the share of documents (of 100 words or more; of 10 such "
        "documents or more) in which no mention was found.",
    )

    dedup_ratio_min: float = Field(
        0.6, ge=0, le=1, description="dedup_ratio_bounds fails the batch below it: entities per distinct name."
    )
    dedup_ratio_max: float = Field(
        1.1, ge=1, description="dedup_ratio_bounds fails the batch above it: entities per distinct name."
    )
    dedup_max_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description="dedup_ratio_bounds fails the batch above it: the share of all distinct names that one entity has.",
    )
    dedup_ratio_names: int = Field(
        50, ge=1, description="dedup_ratio_bounds does not judge a batch of fewer distinct names."
    )
    dedup_precision_min: float = Field(
        0.93,
        ge=0,
        le=1,
        description="dedup_precision_on_gold fails the batch below it: of the pairs of mentions of the bundled gold "
        "that phase 2 joins, the share that is one thing.",
    )

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

    max_drift: float = Field(
        0.25,
        ge=0,
        description="confidence_drift warns above it: the population stability index of relation confidences, or of "
        "entity types, against the batches before.",
    )
    drift_batches: int = Field(10, ge=1, description="confidence_drift compares with so many of the last batches.")
    drift_relations: int = Field(
        200, ge=20, description="confidence_drift does not judge fewer relations, in the batch or in those before."
    )

    vram_budget_gb: float = Field(
        8,
        gt=0,
        description="vram_budget warns above it: the most GB (10^9 bytes) that a phase of the batch held of a GPU.",
    )

    quality_tolerance: float = Field(
        0.02, ge=0, le=1, description="quality_on_gold fails where an F1 is lower than the baseline's by more than it."
    )
