"""Whatever a name, a text or a type says is stored as it is, or refused; nothing of it is interpreted."""

from collections.abc import Callable

import pytest

from aegis_pipeline.documents import chunk_documents, sanitize
from aegis_pipeline.entities import graph_key
from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, contribute, expected_counts
from aegis_pipeline.graph.store import GraphCounts
from aegis_pipeline.records import Document, Entity
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, entities_and_relations, text

FILES = {"a.txt": text(1), "b/readme.md": text(2), "c/readme.md": text(3)}


HOSTILE = {
    "quotes": "The \"A\" 'B' man",
    "separator": "Left<SEP>Right",
    "backticks": "`rm -rf /`",
    "control": "A\x00\x01\x1b[31mB",
    "c1": "A\x85\x9fB",
    "noncharacter": "A\ufffeB",
    "surrogate": "x\ud800y",
    "emoji": "👩‍👩‍👧 Inc",
    "rtl": "\u202eevil\u202c שלום",
    "cypher": "'}) MATCH (n) DETACH DELETE n //",
    "long": "Very " * 200 + "Long",
    "prototype": "__proto__",
    "comma": "Smith, John",
    "newline": "A\n\tB",
    "markup": "<p>Para</p>",
    "reference": "A&amp;lt;B",
    "json": '{"entities": []}',
    "full width": "ＡＢＣ",
    "chinese": "北京 大学",
    "delimiter": "a<|#|>b",
    "path": "../../etc/passwd",
    "unknown": "UNKNOWN",
    "latex": "\x0crac",
}


def _hostile(name: str, key: Callable[[str], str], type_: str = "thing") -> BatchContribution:
    documents = [
        Document("doc-1", f"{name[:20].encode(errors='replace').hex()}/ü [x].txt", f"{name} employs Lyons.", "h"),
        Document("doc-2", "2.txt", "Lyons employs Ferranti.", "h"),
    ]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks, {**TYPES, name: type_})
    keyed = [Entity(e.id, key(e.key), e.name, e.type, e.aliases, e.mentions) for e in entities]
    return contribute("b", documents, chunks, keyed, relations, load_schema())


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_hostile_names_are_stored(store: EmbeddedGraphStore, kind: str) -> None:
    name = sanitize(HOSTILE[kind])
    contribution = _hostile(name, graph_key)
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)
    node = store.graph().nodes[graph_key(name)]
    assert node["name"] == name
    found = store.retrieve(f"Who is {name}?", "mix", [name], [name], 10)
    contents = {row["content"] for row in found["chunks"]}
    assert contents
    assert contents <= {chunk.text for document in contribution.documents for chunk in document.chunks}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_unprepared_names_are_stored_or_refused(store: EmbeddedGraphStore, kind: str) -> None:
    """Texts that never met ``sanitize``, keys that never met ``graph_key``."""
    contribution = _hostile(HOSTILE[kind], str)
    refused = ""
    try:
        store.write(contribution)
    except GraphError as error:
        refused = str(error)
    assert HOSTILE[kind] not in refused
    assert store.counts(contribution) == (GraphCounts() if refused else expected_counts(contribution))


@pytest.mark.parametrize("type_", ["R&D / lab", "Cell Line", "__proto__", "it's", "a,b", "", "<x>"])
def test_hostile_names_hostile_types_are_stored(store: EmbeddedGraphStore, type_: str) -> None:
    contribution = _hostile("Odd Thing", str, type_)
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)


@pytest.mark.parametrize("sentence", ["99", "1.5"])
def test_hostile_names_sentence_of_digits_loses_no_entity(store: EmbeddedGraphStore, sentence: str) -> None:
    documents = [Document("doc-1", "1.txt", sentence, "h")]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, _ = entities_and_relations(chunks, {sentence: "date"})
    keyed = [Entity(e.id, f"{e.name} (date)", e.name, e.type, (), e.mentions) for e in entities]
    contribution = contribute("b", documents, chunks, keyed, [], load_schema())
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)


def test_hostile_names_name_that_lightrag_drops_gets_its_type(store: EmbeddedGraphStore) -> None:
    contribution = _hostile("42", graph_key)
    store.write(contribution)
    assert store.counts(contribution) == expected_counts(contribution)
    assert store.graph().nodes["42 (thing)"]["name"] == "42"
