"""What the phases made of two documents, the second of which says nothing."""

from aegis_pipeline.pipeline.extraction import Extraction
from aegis_pipeline.records import (
    Chunk,
    Document,
    Entity,
    EntityResult,
    Mention,
    MentionResult,
    Outcome,
    PhaseOutcome,
    Relation,
    RelationResult,
    Span,
)

TEXT = "Ada hired Bob in 1843."
DOCUMENTS = (Document("d1", "1.txt", TEXT, "h1"), Document("d2", "2.txt", "It rained.", "h2"))
CHUNKS = tuple(Chunk(f"{d.id}-chunk-000", d.id, 0, Span(0, len(d.text)), d.text, ()) for d in DOCUMENTS)
MENTIONS = (
    Mention("d1", "d1-chunk-000", 0, Span(0, 3), "Ada", "PERSON", "person", "spacy"),
    Mention("d1", "d1-chunk-000", 0, Span(10, 13), "Bob", "PERSON", "person", "spacy"),
    Mention("d1", "d1-chunk-000", 0, Span(17, 21), "1843", "CARDINAL", "number", "spacy", is_node=False),
)
ENTITIES = (
    Entity("ent-ada", "Ada", "Ada", "person", ("Ada Lovelace",), MENTIONS[:1]),
    Entity("ent-bob", "Bob", "Bob", "person", (), MENTIONS[1:2]),
    Entity("ent-1843", "1843", "1843", "number", (), MENTIONS[2:], is_node=False),
)
RELATIONS = (
    Relation("d1", "d1-chunk-000", "ent-bob", "ent-ada", "employer", "P108", 0.123456, Span(0, 22), "x/1", TEXT),
)
OUTCOMES = (PhaseOutcome("d1", Outcome.OK), PhaseOutcome("d2", Outcome.EMPTY))
EXTRACTION = Extraction(
    DOCUMENTS,
    CHUNKS,
    MentionResult(MENTIONS, OUTCOMES),
    EntityResult(ENTITIES, ()),
    RelationResult(RELATIONS, OUTCOMES),
    {},
)
