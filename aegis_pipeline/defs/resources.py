"""What assets need that is slow to load or lies outside: models, the document lake, the graph.

Every field can be changed in the launchpad of Dagster's UI; the defaults are the settings. Models are loaded when they
are first used, and once per process, by the room ``models``.
"""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from aegis_pipeline.graph import EmbeddedGraphStore, GraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.mentions import MentionExtractor, build_mention_extractor, load_glossary, same_names
from aegis_pipeline.models import Encoder, load_encoder
from aegis_pipeline.pipeline.stores import graph_root, lake_root
from aegis_pipeline.relations import RelationExtractor, build_relation_extractor
from aegis_pipeline.settings import Settings, settings


class LakeResource(dg.ConfigurableResource[Any]):
    """The document lake."""

    root: str = Field(description="Path or fsspec URL under which the tables of all batches lie.")

    def lake(self) -> DocumentLake:
        """The lake under ``root``."""
        return DocumentLake(self.root)


class EncoderResource(dg.ConfigurableResource[Any]):
    """The sentence encoder: it counts tokens for chunks and makes the graph's vectors."""

    encoder_model: str = Field(description="sentence-transformers hub id or path.")
    device: str = Field(description="auto, cpu, cuda or cuda:N.")

    def encoder(self) -> Encoder:
        """The encoder, loaded once per process."""
        return load_encoder(self.encoder_model, device=self.device)


class NerResource(dg.ConfigurableResource[Any]):
    """Phase 1: the spaCy model, the glossary, and whether the regex fallback may stand in."""

    spacy_model: str = Field(description="spaCy package or path.")
    device: str = Field(description="auto, cpu, cuda or cuda:N.")
    glossary: str | None = Field(description="TOML or JSONL file of your own names.")
    mention_fallback: bool = Field(description="Fall back to the regex tagger when the model fails.")
    numeric_nodes: bool = Field(description="Make numeric mentions nodes of the graph.")
    extraction_batch_size: int = Field(ge=1, le=100, description="Chunks in one inference call.")

    def extractor(self) -> MentionExtractor:
        """The extractor of phase 1; its model is loaded at the first use."""
        glossary = Path(self.glossary) if self.glossary else None
        return build_mention_extractor(_with(self, glossary=glossary))

    def same_names(self) -> dict[str, str]:
        """Alias → name, as the glossary says: for phase 2."""
        return same_names(load_glossary(Path(self.glossary))) if self.glossary else {}


class RelationResource(dg.ConfigurableResource[Any]):
    """Phase 3: the relation extractor."""

    relation_min_confidence: float = Field(ge=0, le=1, description="Relations below it are not kept.")

    def extractor(self) -> RelationExtractor:
        """The extractor of phase 3."""
        return build_relation_extractor(_with(self))


class GraphResource(dg.ConfigurableResource[Any]):
    """The knowledge graph."""

    root: str = Field(description="Folder of the embedded graph.")
    extraction_batch_size: int = Field(ge=1, le=100, description="Texts in one call of the encoder.")

    def store(self, encoder: Encoder) -> GraphStore:
        """The store of the profile under ``root``, with vectors by ``encoder``."""
        return EmbeddedGraphStore(Path(self.root), encoder, self.extraction_batch_size)


def _with(resource: dg.ConfigurableResource[Any], **update: Any) -> Settings:
    """The process's settings, with the resource's fields in their place."""
    fields = {name: getattr(resource, name) for name in type(resource).model_fields}
    return settings().model_copy(update={**fields, **update})


def resources(configured: Settings) -> dict[str, dg.ConfigurableResource[Any]]:
    """Every resource by its key, with the settings as defaults."""
    return {
        "lake": LakeResource(root=lake_root(configured)),
        "encoder": EncoderResource(encoder_model=configured.encoder_model, device=configured.device),
        "ner": NerResource(
            spacy_model=configured.spacy_model,
            device=configured.device,
            glossary=str(configured.glossary) if configured.glossary else None,
            mention_fallback=configured.mention_fallback,
            numeric_nodes=configured.numeric_nodes,
            extraction_batch_size=configured.extraction_batch_size,
        ),
        "relation_model": RelationResource(relation_min_confidence=configured.relation_min_confidence),
        "graph": GraphResource(
            root=str(graph_root(configured)), extraction_batch_size=configured.extraction_batch_size
        ),
    }
