"""A batch after any change is, row for row, what a run over the same documents gives; only what changed is read."""

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.extraction import relation_inputs
from aegis_pipeline.pipeline.updates import update_chunks, update_mentions, update_relations
from aegis_pipeline.records import (
    Chunk,
    Document,
    Entity,
    Mention,
    MentionResult,
    Outcome,
    PhaseOutcome,
    Relation,
    RelationInput,
    RelationResult,
    Span,
)
from aegis_pipeline.tables import Table

TABLES: tuple[Table[Any], ...] = (
    tables.CHUNKS,
    tables.MENTIONS,
    tables.NER_OUTCOMES,
    tables.ENTITIES,
    tables.RELATIONS,
    tables.RELATION_OUTCOMES,
    tables.DEAD_LETTERS,
)
TEXTS = ("Ada met Bob.", "Bob met Cleo.", "Ada met Ada.", "Cleo met Ada, Bob met Dan.", "nobody.")


def chunked(documents: Sequence[Document]) -> list[Chunk]:
    return [Chunk(f"{d.id}-0", d.id, 0, span := Span(0, len(d.text)), d.text, (span,)) for d in documents]


@dataclass
class CountingMentions:
    """Every capitalised word is a name; a text with "?" can be read only while ``works``."""

    version: str = "1"
    works: bool = True
    seen: list[str] = field(default_factory=list)

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        self.seen += [chunk.document_id for chunk in chunks]
        return MentionResult(
            tuple(mention for chunk in chunks for mention in self._names(chunk)),
            tuple(PhaseOutcome(chunk.document_id, self._outcome(chunk)) for chunk in chunks),
        )

    def _names(self, chunk: Chunk) -> list[Mention]:
        spans = (Span(*found.span()) for found in re.finditer(r"[A-Z]\w+", chunk.text))
        return [
            Mention(chunk.document_id, chunk.id, 0, s, chunk.text[s.start : s.end], self.version, "person", "test")
            for s in spans
        ]

    def _outcome(self, chunk: Chunk) -> Outcome:
        return Outcome.OK if self.works or "?" not in chunk.text else Outcome.DEGRADED


@dataclass
class CountingRelations:
    """Each name knows the next one; the predicate is the type of the first."""

    name: str = "counting"
    version: str = "1"
    seen: list[str] = field(default_factory=list)

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        self.seen += [document.document_id for document in documents]
        relations = tuple(relation for document in documents for relation in self._pairs(document))
        return RelationResult(relations, tuple(PhaseOutcome(d.document_id, Outcome.OK) for d in documents))

    def _pairs(self, document: RelationInput) -> list[Relation]:
        ids = [document.entity_of[mention.id] for mention in document.mentions]
        return [
            Relation(document.document_id, "c", a, b, document.entity_types[a], None, 1.0, s.span, self.version)
            for a, b, s in zip(ids, ids[1:], document.sentences, strict=False)
        ]


def linked(mentions: Sequence[Mention]) -> list[Entity]:
    """By name; the type, and whether it is a node, hang on the whole batch: so does what phase 3 reads."""
    counts = Counter(mention.text for mention in mentions)
    return [
        Entity(
            f"ent-{name}",
            name,
            name,
            "often" if count > 2 else "seldom",
            (),
            tuple(mention for mention in mentions if mention.text == name),
            is_node=count < 5,
        )
        for name, count in sorted(counts.items())
    ]


@dataclass
class Batch:
    """One batch in a lake, and the two extractors that count."""

    lake: DocumentLake
    name: str
    mentions: CountingMentions = field(default_factory=CountingMentions)
    relations: CountingRelations = field(default_factory=CountingRelations)

    def run(self, folder: dict[str, str]) -> None:
        self.mentions.seen.clear()
        self.relations.seen.clear()
        documents = [Document(name, name, text, "") for name, text in sorted(folder.items())]
        self.lake.write(self.name, tables.DOCUMENTS, documents)
        update_chunks(self.lake, self.name, documents, chunked, "1")
        update_mentions(self.lake, self.name, self.mentions)
        self.lake.write(self.name, tables.ENTITIES, linked(self.lake.read(self.name, tables.MENTIONS)))
        update_relations(self.lake, self.name, self.relations)

    def rows(self) -> dict[str, Any]:
        return {table.name: self.lake.read(self.name, table) for table in TABLES}

    def inputs(self) -> dict[str, RelationInput]:
        """What phase 3 reads of each document."""
        read = (tables.DOCUMENTS, tables.CHUNKS, tables.MENTIONS, tables.ENTITIES)
        found = relation_inputs(*(self.lake.read(self.name, table) for table in read))
        return {document.document_id: document for document in found}


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    return DocumentLake(str(tmp_path))


@hypothesis_settings(max_examples=40, deadline=None, database=None)
@given(st.lists(st.dictionaries(st.sampled_from("edcba"), st.sampled_from(TEXTS)), min_size=2, max_size=4))
def test_updates_equal_a_fresh_run_and_read_only_what_changed(states: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as root:
        batch, before, inputs = Batch(DocumentLake(root), "updated"), {}, {}
        for number, folder in enumerate(states):
            fresh = Batch(batch.lake, f"fresh-{number}")
            fresh.run(folder)
            batch.run(folder)
            assert batch.rows() == fresh.rows()
            assert batch.mentions.seen == [name for name in sorted(folder) if before.get(name) != folder[name]]
            wanted = fresh.inputs()
            assert batch.relations.seen == [name for name in sorted(folder) if inputs.get(name) != wanted[name]]
            before, inputs = folder, wanted


def test_updates_read_again_what_was_degraded_and_only_that(lake: DocumentLake) -> None:
    folder, batch = {"a": "Ada met Bob?", "b": "Bob met Ada."}, Batch(lake, "b", CountingMentions(works=False))
    for _ in range(2):
        batch.run(folder)
    assert (batch.mentions.seen, batch.relations.seen) == (["a"], ["a"])
    batch.mentions.works = True
    batch.run(folder)
    assert {outcome.outcome for outcome in lake.read("b", tables.NER_OUTCOMES)} == {Outcome.OK}
    batch.run(folder)
    assert (batch.mentions.seen, batch.relations.seen) == ([], [])


def test_updates_read_all_again_for_another_version(lake: DocumentLake) -> None:
    folder, batch = {"a": "Ada met Bob.", "b": "Bob met Ada."}, Batch(lake, "b")
    batch.run(folder)
    batch.relations.version = "2"
    batch.run(folder)
    assert (batch.mentions.seen, batch.relations.seen) == ([], ["a", "b"])
    batch.mentions.version = "2"
    batch.run(folder)
    assert (batch.mentions.seen, batch.relations.seen) == (["a", "b"], ["a", "b"])
    assert {mention.label for mention in lake.read("b", tables.MENTIONS)} == {"2"}


@pytest.mark.parametrize("lost", [*TABLES[:4], tables.NER_FINGERPRINTS], ids=lambda table: table.name)
def test_updates_make_a_lost_table_again(lake: DocumentLake, lost: Table[Any]) -> None:
    batch = Batch(lake, "b")
    batch.run({"a": "Ada met Bob."})
    rows = batch.rows()
    lake.path("b", lost).unlink()
    batch.run({"a": "Ada met Bob."})
    assert batch.rows() == rows


@pytest.mark.parametrize("writes", range(16))
def test_updates_after_a_killed_run_equal_a_fresh_one(
    lake: DocumentLake, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after each of a run's writes; then the changed document is what it was before, or something else again."""
    write, left = DocumentLake._write, [writes]

    def killed(self: DocumentLake, *arguments: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(self, *arguments)

    folder = {"a": "Ada met Bob.", "b": "Bob met Cleo.", "c": "Dan met Bob."}
    for number, later in enumerate(("Ada met Bob.", "Cleo met Dan.")):
        left[0] = writes
        batch, fresh = Batch(lake, f"killed-{number}"), Batch(lake, f"fresh-{number}")
        batch.run(folder)
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(DocumentLake, "_write", killed)
            batch.run({**folder, "a": "Bob met Ada, Ada met Dan."})
        batch.run({**folder, "a": later})
        fresh.run({**folder, "a": later})
        assert batch.rows() == fresh.rows()
