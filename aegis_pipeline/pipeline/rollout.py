"""Which pipelines a batch goes through: the three phases, LightRAG's own extraction (the legacy arm), or both."""

import hashlib

from aegis_pipeline.settings import ExtractionPipeline, Settings

_HASHES = 2.0**64
_EVERY_BATCH = 100


def arms_of(batch: str, configured: Settings) -> frozenset[ExtractionPipeline]:
    """What ``batch`` goes through.

    ``EXTRACTION_PIPELINE`` names its pipeline. Of ``three_phase``, batches beyond ``EXTRACTION_ROLLOUT_PERCENT`` go to
    the legacy arm instead. ``ENABLE_LEGACY_EXTRACTION`` sends every batch there as well.
    """
    arm = configured.extraction_pipeline
    if not is_rolled_out(batch, configured.extraction_rollout_percent):
        arm = ExtractionPipeline.LIGHTRAG_DEFAULT
    beside = {ExtractionPipeline.LIGHTRAG_DEFAULT} if configured.enable_legacy_extraction else set()
    return frozenset({arm} | beside)


def may_run_legacy(configured: Settings) -> bool:
    """Whether the legacy arm gets any batch at all, so that its model is needed."""
    three_phase_only = configured.extraction_pipeline is ExtractionPipeline.THREE_PHASE
    everywhere = configured.extraction_rollout_percent == _EVERY_BATCH
    return configured.enable_legacy_extraction or not (three_phase_only and everywhere)


def is_rolled_out(batch: str, percent: int) -> bool:
    """Whether ``batch`` is in the first ``percent`` of batches: it then is in every larger share too."""
    place = int.from_bytes(hashlib.sha256(batch.encode()).digest()[:8]) / _HASHES
    return place * _EVERY_BATCH < percent
