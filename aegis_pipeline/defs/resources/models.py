"""The models of the three phases, each loaded when it is first used, and once per process, by the room ``models``."""

from pathlib import Path
from typing import Literal

from aegis_pipeline.defs.resources.base import SettingsResource, path_setting, setting
from aegis_pipeline.mentions import MentionExtractor, build_mention_extractor
from aegis_pipeline.models import Encoder, load_encoder
from aegis_pipeline.models.gpu_room import make_room_for_mentions, make_room_for_relations
from aegis_pipeline.pipeline.extraction import readable_languages
from aegis_pipeline.pipeline.user_names import UserNames, load_user_names
from aegis_pipeline.relations import RelationExtractor, RelationSchema, build_relation_extractor, load_schema
from aegis_pipeline.settings import KeepModels, Settings


class GpuDeviceResource(SettingsResource):
    """Where models compute; what uses it is in the pool ``gpu``."""

    device: str = setting("device")
    gpu_keep_models: Literal["auto", "always", "never"] = setting("gpu_keep_models")

    def placed(self, configured: Settings) -> Settings:
        """``configured`` with models on this device, for as long as they may stay there."""
        own = {"device": self.device, "gpu_keep_models": KeepModels(self.gpu_keep_models)}
        return configured.model_copy(update=own)


class EncoderResource(SettingsResource):
    """The sentence encoder: it counts tokens for chunks and makes the graph's vectors."""

    encoder_model: str = setting("encoder_model")

    def encoder(self, gpu_device: GpuDeviceResource) -> Encoder:
        """The encoder, loaded once per process."""
        return load_encoder(self.encoder_model, device=gpu_device.device)


class NerModelResource(SettingsResource):
    """Phase 1: the spaCy model or the trained reader, the glossary, and whether the regex fallback may stand in."""

    ner_backend: Literal["spacy", "reader"] = setting("ner_backend")
    reader_model: str | None = path_setting("reader_model")
    spacy_model: str = setting("spacy_model")
    glossary: str | None = path_setting("glossary")
    mention_fallback: bool = setting("mention_fallback")
    numeric_nodes: bool = setting("numeric_nodes")
    extraction_batch_size: int = setting("extraction_batch_size")

    def extractor(self, gpu_device: GpuDeviceResource) -> MentionExtractor:
        """The extractor of phase 1, with room for its model, which is loaded at the first use."""
        placed = gpu_device.placed(self.settings)
        make_room_for_mentions(placed)
        return build_mention_extractor(placed)

    def languages(self) -> frozenset[str]:
        """The languages that the model reads."""
        return readable_languages(self.spacy_model)


class DeduplicatorResource(SettingsResource):
    """Phase 2: what the user says of names, in the file of merge overrides and in phase 1's glossary."""

    aegis_merge_overrides: str | None = path_setting("aegis_merge_overrides")

    def names(self, glossary: str | None) -> UserNames:
        """What both files say now."""
        files = (glossary, self.aegis_merge_overrides)
        return load_user_names(*(Path(file) if file else None for file in files))


class RelationExtractorResource(SettingsResource):
    """Phase 3: the relation extractor. The key of an LLM's server comes from the environment only."""

    relation_backend: Literal["embedded", "ollama", "openai"] = setting("relation_backend")
    reader_model: str | None = path_setting("reader_model")
    relation_schema: str | None = path_setting("relation_schema")
    relation_min_confidence: float = setting("relation_min_confidence")
    relation_model: str = setting("relation_model")
    relation_call_tokens: int = setting("relation_call_tokens")
    relation_answer_tokens: int = setting("relation_answer_tokens")
    relation_timeout_seconds: float = setting("relation_timeout_seconds")
    relation_retry_attempts: int = setting("relation_retry_attempts")
    relation_retry_multiplier: float = setting("relation_retry_multiplier")
    relation_retry_min_seconds: float = setting("relation_retry_min_seconds")
    relation_retry_max_seconds: float = setting("relation_retry_max_seconds")
    relation_fallback: Literal["embedded", "none"] = setting("relation_fallback")
    extraction_max_workers: int = setting("extraction_max_workers")
    ollama_host: str = setting("ollama_host")
    openai_base_url: str = setting("openai_base_url")

    def extractor(self, gpu_device: GpuDeviceResource) -> RelationExtractor:
        """The extractor of phase 3, with room for its model."""
        placed = gpu_device.placed(self.settings)
        make_room_for_relations(placed)
        return build_relation_extractor(placed)

    def predicates(self) -> RelationSchema:
        """What relations may say: the same for the extractor and for the graph."""
        return load_schema(self.settings.relation_schema)
