"""Which pipeline the settings ask for: ours in three phases, LightRAG's own extraction (the legacy arm), or both."""

from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.pipeline.graph_pipeline import ThreePhasePipeline
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.side_by_side import SideBySidePipeline
from aegis_pipeline.pipeline.stores import graph_store
from aegis_pipeline.settings import ExtractionPipeline, Settings


class ExtractionPipelineFactory:
    """Makes the pipeline that ``EXTRACTION_PIPELINE`` names, with the legacy arm beside ours where it is enabled."""

    @staticmethod
    def create(settings: Settings) -> ThreePhasePipeline | LegacyPipeline | SideBySidePipeline:
        """The pipeline of the settings, with its models loaded and its graph under ``AEGIS_HOME``.

        Raises:
            ModelError: a model is not there.
            SettingsError: the package that speaks to the legacy arm's server is not installed.
        """
        if settings.extraction_pipeline is ExtractionPipeline.LIGHTRAG_DEFAULT:
            return LegacyPipeline.from_settings(settings)
        three_phase = _three_phase(settings)
        if settings.enable_legacy_extraction:
            return SideBySidePipeline(three_phase, LegacyPipeline.from_settings(settings))
        return three_phase


def _three_phase(settings: Settings) -> ThreePhasePipeline:
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    extractor = ThreePhaseExtractor.from_settings(settings)
    return ThreePhasePipeline(settings, extractor, graph_store(settings, encoder), encoder)
