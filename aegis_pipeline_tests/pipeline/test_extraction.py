"""The library's first example, with the real models: a text in, records out."""

import pytest

from aegis_pipeline import Settings, ThreePhaseExtractor, map_to_lightrag_format
from aegis_pipeline.errors import SettingsError
from aegis_pipeline.records import Document, Outcome

pytestmark = pytest.mark.models

SETTINGS = Settings(_env_file=None)
TEXT = "  Tom Kilburn was born in Dewsbury in 1921. It cost £5."


@pytest.fixture(scope="module")
def extractor() -> ThreePhaseExtractor:
    return ThreePhaseExtractor.from_settings(SETTINGS)


def test_extract_gives_records_with_offsets_into_the_text(extractor: ThreePhaseExtractor) -> None:
    found = extractor.extract(TEXT)
    assert {TEXT[m.span.start : m.span.end] for m in found.mentions} >= {"Tom Kilburn", "Dewsbury", "1921"}
    assert all(TEXT[m.span.start : m.span.end] == m.text for m in found.mentions)
    names = {entity.id: entity.name for entity in found.entities}
    assert ("place_of_birth", "Tom Kilburn", "Dewsbury") in {
        (r.predicate, names[r.head], names[r.tail]) for r in found.relations
    }
    assert set(found.seconds) == {"chunks", "mentions", "entities", "relations"}


def test_extract_maps_to_what_lightrag_takes(extractor: ThreePhaseExtractor) -> None:
    found = extractor.extract(TEXT)
    rows = map_to_lightrag_format(found.entities, found.relations, chunks=found.chunks)
    nodes = {row["entity_name"] for row in rows["entities"]}
    assert rows["chunks"]
    assert rows["relationships"]
    assert all({row["src_id"], row["tgt_id"]} <= nodes for row in rows["relationships"])


def test_extract_documents_shares_entities_and_leaves_none_out(extractor: ThreePhaseExtractor) -> None:
    documents = [Document(name, name, text, "") for name, text in (("a", TEXT), ("b", TEXT), ("empty", ""))]
    found = extractor.extract_documents(documents)
    assert all({m.document_id for m in entity.mentions} == {"a", "b"} for entity in found.entities)
    assert {o.document_id: o.outcome for o in found.phase1.outcomes}["empty"] is Outcome.EMPTY
    assert {o.document_id for o in found.phase1.outcomes} == {"a", "b", "empty"}


def test_chunks_beyond_the_encoder_are_refused() -> None:
    with pytest.raises(SettingsError, match="valid are 32 to 256"):
        ThreePhaseExtractor.from_settings(SETTINGS.model_copy(update={"chunk_tokens": 512}))
