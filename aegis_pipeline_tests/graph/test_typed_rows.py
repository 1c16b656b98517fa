"""The typed graph's rows: what a document's contribution says, under the keys that the corpus gives."""

from dataclasses import replace

from aegis_pipeline.graph import BatchContribution
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.typed.rows import TYPED_DOCUMENTS, entity_row, typed_rows
from aegis_pipeline_tests.graph.typed_graphs import planned
from aegis_pipeline_tests.graph.worlds import TYPES, batch

TEXT = "Lyons employs EDSAC."


def _corpus(*batches: BatchContribution) -> Corpus:
    return Corpus({contribution.batch: contribution for contribution in batches})


def test_typed_rows_of_a_document() -> None:
    rows = typed_rows(_corpus(batch("b", {"x.txt": TEXT, "y.txt": "EDSAC."})), ["doc-b-x.txt", "not there"])
    (row,) = rows[TYPED_DOCUMENTS].values()
    assert row == {
        "properties": {"path": "x.txt", "batch": "b"},
        "chunks": [
            {
                "id": "doc-b-x.txt-chunk-000",
                "properties": {"index": 0, "start": 0, "end": len(TEXT), "text": TEXT, "language": "en"},
            }
        ],
        "mentions": [
            {"chunk": "doc-b-x.txt-chunk-000", "start": 0, "end": 5, "entity": "Lyons", "surface": "Lyons"},
            {"chunk": "doc-b-x.txt-chunk-000", "start": 14, "end": 19, "entity": "EDSAC", "surface": "EDSAC"},
        ],
        "statements": [
            {
                "head": "Lyons",
                "tail": "EDSAC",
                "type": "EMPLOYER",
                "properties": {
                    "document_id": "doc-b-x.txt",
                    "chunk_id": "doc-b-x.txt-chunk-000",
                    "start": 0,
                    "end": 19,
                    "predicate": "employer",
                    "pid": "P1",
                    "confidence": 0.5,
                    "evidence": TEXT,
                    "extractor": "test/1",
                },
            }
        ],
    }


def test_typed_rows_entities_say_what_lightrags_nodes_say() -> None:
    node = {"name": "EDSAC", "entity_type": "product", "aliases": '["E."]', "description": "One.<SEP>Two.", "x": 1}
    assert entity_row("EDSAC (product)", node) == {
        "key": "EDSAC (product)",
        "label": "Product",
        "properties": {"name": "EDSAC", "type": "product", "aliases": ["E."], "description": ["One.", "Two."]},
    }


def test_typed_rows_follow_a_key_that_moves() -> None:
    """Documents of another batch are written anew where the plain name goes to another type."""
    place = {**TYPES, "Lyons": "place"}
    first, second, third = batch("a", {"x": TEXT}), batch("b", {"y": TEXT}, place), batch("c", {"z": TEXT}, place)
    update = planned(_corpus(first, second), _corpus(first, second, third))
    written = update.written(TYPED_DOCUMENTS)
    assert {i: [m["entity"] for m in row["mentions"]] for i, row in written.items()} == {
        "doc-a-x": ["Lyons (organization)", "EDSAC"],
        "doc-b-y": ["Lyons", "EDSAC"],
        "doc-c-z": ["Lyons", "EDSAC"],
    }


def test_typed_rows_mentions_alone_may_change() -> None:
    before = batch("b", {"x": TEXT})
    (document,) = before.documents
    moved = tuple(mention._replace(end=mention.end - 1) for mention in document.mentions)
    after = replace(before, documents=(replace(document, mentions=moved),))
    update = planned(_corpus(before), _corpus(after))
    assert list(update.written(TYPED_DOCUMENTS)) == ["doc-b-x"]
    assert not update.written("full_docs")


def test_typed_rows_of_an_unsure_document_are_written_or_removed_as_the_corpus_says() -> None:
    corpus = _corpus(batch("b", {"x": TEXT}))
    update = planned(corpus, corpus, {TYPED_DOCUMENTS: ["doc-b-x", "gone"], "full_docs": ["lost"]})
    assert list(update.written(TYPED_DOCUMENTS)) == ["doc-b-x"]
    assert sorted(update.removed(TYPED_DOCUMENTS)) == ["gone", "lost"]
