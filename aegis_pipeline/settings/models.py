"""Settings of the models, and of what they read and keep."""

from pathlib import Path

from pydantic import BaseModel, Field

from aegis_pipeline.settings.choices import KeepModels, NerBackend, RelationBackend


class ModelSettings(BaseModel):
    """Models of the three phases, and what they keep."""

    spacy_model: str = Field(
        "en_core_web_sm",
        description="spaCy package or path: en_core_web_sm, en_core_web_trf, … The bundled one stands in for sm.",
    )
    ner_backend: NerBackend = Field(
        NerBackend.READER,
        description="reader: the tagger of READER_MODEL for English, finer labels by SPACY_MODEL. spacy: that alone.",
    )
    relation_backend: RelationBackend = Field(
        RelationBackend.EMBEDDED,
        description="embedded: the relation network of READER_MODEL, which reads English. ollama or openai: an LLM "
        "(docs/llm-relations.md).",
    )
    reader_model: Path | None = Field(
        None, description="Folder of a reader that `aegis train-reader` trained. By default the one that comes along."
    )
    relation_schema: Path | None = Field(
        None, description="YAML file of the relations to state (docs/relations-schema.md). By default the package's."
    )
    encoder_model: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="sentence-transformers hub id or path; the bundled one stands in for all-MiniLM-L6-v2.",
    )
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N.")
    gpu_keep_models: KeepModels = Field(
        KeepModels.AUTO,
        description="auto: the spaCy model and the LLM on an Ollama server of this machine leave the GPU where the "
        "other would not have the room. never: whenever the other comes. always: they stay.",
    )
    glossary: Path | None = Field(None, description="TOML or JSONL file of your own names: name, type, aliases.")
    aegis_merge_overrides: Path | None = Field(
        None, description="TOML file of names that are always, or never, one thing (docs/identity.md)."
    )
    numeric_nodes: bool = Field(False, description="Make numbers, money, percentages and times nodes of the graph.")
    mention_fallback: bool = Field(True, description="Fall back to the regex tagger when the models fail.")
    relation_min_confidence: float = Field(
        0.6,  # the least at which precision on Re-DocRED dev 350-399 is .75: .76 there, with recall .25
        ge=0,
        le=1,
        description="Relations below it are not kept: of those at 0.6 or more, 3 of 4 are right (docs/reader.md).",
    )
