"""The arms that a batch goes through, and the legacy one."""

from typing import Literal

import dagster as dg

from aegis_pipeline.defs.resources.base import SettingsResource, setting
from aegis_pipeline.models import Encoder
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import legacy_llm
from aegis_pipeline.pipeline.rollout import arms_of
from aegis_pipeline.settings import ExtractionPipeline


class ArmsResource(SettingsResource):
    """Which pipelines the batch goes through."""

    extraction_pipeline: Literal["three_phase", "lightrag_default"] = setting("extraction_pipeline")
    enable_legacy_extraction: bool = setting("enable_legacy_extraction")
    extraction_rollout_percent: int = setting("extraction_rollout_percent")

    def include(self, arm: ExtractionPipeline, batch: str, log: dg.DagsterLogManager) -> bool:
        """Whether ``arm`` is among them; what is left out is told."""
        chosen = arms_of(batch, self.settings)
        if arm not in chosen:
            log.info(f"{batch} goes through {', '.join(sorted(chosen))}: nothing to do. EXTRACTION_PIPELINE decides.")
        return arm in chosen


class LegacyResource(SettingsResource):
    """The legacy arm: LightRAG's own extraction by an LLM. A key comes from the environment only."""

    legacy_server: Literal["ollama", "openai"] = setting("legacy_server")
    legacy_model: str = setting("legacy_model")
    legacy_answer_tokens: int = setting("legacy_answer_tokens")
    legacy_timeout_seconds: int = setting("legacy_timeout_seconds")
    ollama_host: str = setting("ollama_host")
    openai_base_url: str = setting("openai_base_url")
    extraction_max_workers: int = setting("extraction_max_workers")

    def pipeline(self, encoder: Encoder) -> LegacyPipeline:
        """The arm, with vectors by ``encoder``."""
        return LegacyPipeline(self.settings, encoder, legacy_llm(self.settings))
