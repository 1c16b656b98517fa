"""Which pipeline the settings ask for: ours in three phases, or LightRAG's own extraction (the legacy arm)."""

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.mentions import build_mention_extractor, load_glossary, same_names
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor, token_limit
from aegis_pipeline.pipeline.graph_pipeline import ThreePhasePipeline
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.stores import graph_store
from aegis_pipeline.relations import build_relation_extractor
from aegis_pipeline.settings import ExtractionPipeline, Settings


def build_extractor(settings: Settings) -> ThreePhaseExtractor:
    """The three phases with the models that the settings name; the spaCy model is loaded at the first use.

    Raises:
        ModelError: the encoder is not there.
        InputError: the glossary cannot be read.
    """
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    return ThreePhaseExtractor(
        build_mention_extractor(settings),
        build_relation_extractor(settings),
        encoder.count_tokens,
        token_limit(settings, encoder),
        same_names(load_glossary(settings.glossary)) if settings.glossary else {},
    )


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
        return ThreePhasePipeline(settings, build_extractor(settings), graph_store(settings, encoder), encoder)
