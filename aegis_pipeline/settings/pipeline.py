"""Settings of the whole: where everything is kept, which pipeline, how much at once."""

from pathlib import Path

from pydantic import BaseModel, Field

from aegis_pipeline.settings.choices import ExtractionPipeline, Profile


class PipelineSettings(BaseModel):
    """Where everything is kept, and which pipeline runs."""

    aegis_home: Path = Field(Path(".aegis"), description="Folder of the lake, the graph and Dagster's own files.")
    aegis_profile: Profile = Field(
        Profile.EMBEDDED,
        description="Where the graph is kept. embedded: in files, with no server. production: in Neo4j and PostgreSQL.",
    )

    extraction_pipeline: ExtractionPipeline = Field(
        ExtractionPipeline.THREE_PHASE,
        description="three_phase, or lightrag_default: LightRAG's own extraction by an LLM (docs/legacy.md).",
    )
    enable_legacy_extraction: bool = Field(
        False, description="Run LightRAG's extraction beside the three phases, for comparison, into its own graph."
    )
    extraction_rollout_percent: int = Field(
        100,
        ge=0,
        le=100,
        description="With three_phase: the share of batches that go through the three phases, the others to LightRAG.",
    )
    extraction_batch_size: int = Field(10, ge=1, le=100, description="Items in one inference call of phases 1 to 3.")
    extraction_max_workers: int = Field(4, ge=1, le=16, description="LLM requests in flight at once.")
