"""Which pipeline the settings ask for: ours in three phases, or LightRAG's own extraction (the legacy arm)."""

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.pipeline.graph_pipeline import ThreePhasePipeline
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.stores import graph_store
from aegis_pipeline.settings import ExtractionPipeline, Settings


class ExtractionPipelineFactory:
    """Makes the pipeline that ``EXTRACTION_PIPELINE`` names."""

    @staticmethod
    def create(settings: Settings) -> ThreePhasePipeline | LegacyPipeline:
        """The pipeline of the settings, with its models loaded and its graph under ``AEGIS_HOME``.

        Raises:
            SettingsError: lightrag_default is chosen, and ENABLE_LEGACY_EXTRACTION is not true.
            ModelError: a model is not there.
        """
        legacy = settings.extraction_pipeline is ExtractionPipeline.LIGHTRAG_DEFAULT
        if legacy and not settings.enable_legacy_extraction:
            raise SettingsError(
                "EXTRACTION_PIPELINE=lightrag_default is the legacy arm: set ENABLE_LEGACY_EXTRACTION=true to run it, "
                "or EXTRACTION_PIPELINE=three_phase."
            )
        encoder = load_encoder(settings.encoder_model, device=settings.device)
        if legacy:
            return LegacyPipeline(settings, encoder)
        return ThreePhasePipeline(
            settings, ThreePhaseExtractor.from_settings(settings), graph_store(settings, encoder), encoder
        )
