"""Small batches of documents with entities and relations that are plain in their words, for the graph's tests.

Every known name in a text is a mention, and every sentence ``A verb B.`` states a relation.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.graph import BatchContribution, Graph, contribute
from aegis_pipeline.graph.contributions import encode_file_path
from aegis_pipeline.records import Chunk, Document, Entity, Mention, Relation, Span
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.fakes.encoder import FakeEncoder

TYPES = {
    "Tom Kilburn": "person",
    "Maurice Wilkes": "person",
    "Ferranti": "organization",
    "Lyons": "organization",
    "Manchester": "place",
    "Cambridge": "place",
    "EDSAC": "product",
}
VERBS = {"founded": "founded_by", "employs": "employer", "contains": "contains_administrative_territorial_entity"}
ENCODER = FakeEncoder()


@dataclass(frozen=True)
class Linking:
    """Which mentions are one entity: those of one text, but ``same`` says whose texts are another's, and ``apart``
    which names are an entity of their own in each document."""

    same: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()

    def entity(self, mention: Mention) -> str:
        """The entity's id, which ends with its name."""
        name = self.same.get(mention.text, mention.text)
        return f"id-{mention.document_id}|{name}" if name in self.apart else f"id-|{name}"


def batch(
    name: str, texts: Mapping[str, str], types: Mapping[str, str] = TYPES, linking: Linking | None = None
) -> BatchContribution:
    """What the documents ``path → text`` contribute."""
    documents = [Document(f"doc-{name}-{path}", path, text, "hash") for path, text in texts.items()]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    return contribute(name, documents, chunks, *entities_and_relations(chunks, types, linking), load_schema())


def entities_and_relations(
    chunks: list[Chunk], types: Mapping[str, str] = TYPES, linking: Linking | None = None
) -> tuple[list[Entity], list[Relation]]:
    """What a perfect extractor finds in ``chunks``."""
    entity_of = (linking or Linking()).entity
    mentions: dict[str, list[Mention]] = defaultdict(list)
    relations = []
    for chunk in chunks:
        for index, sentence in enumerate(chunk.sentences):
            found = sorted(_mentions(chunk, index, sentence, types), key=lambda mention: mention.span.start)
            for mention in found:
                mentions[entity_of(mention)].append(mention)
            pairs = [(a, b) for a, b in pairwise(found) if entity_of(a) != entity_of(b)]
            relations += [_relation(chunk, a, b, entity_of) for a, b in pairs]
    return [_entity(entity_id, group, types) for entity_id, group in sorted(mentions.items())], relations


def _entity(entity_id: str, group: list[Mention], types: Mapping[str, str]) -> Entity:
    name = entity_id.split("|", 1)[1]
    aliases = {name.upper() + "!", *(mention.text for mention in group)} - {name}
    return Entity(entity_id, name, name, types[name], tuple(sorted(aliases)), tuple(group))


def _mentions(chunk: Chunk, index: int, sentence: Span, types: Mapping[str, str]) -> list[Mention]:
    text = chunk.text[sentence.start - chunk.span.start : sentence.end - chunk.span.start]
    found = []
    for name, kind in types.items():
        if (at := text.find(name)) >= 0:
            span = Span(sentence.start + at, sentence.start + at + len(name))
            found.append(Mention(chunk.document_id, chunk.id, index, span, name, "X", kind, "test", True, text))
    return found


def _relation(chunk: Chunk, head: Mention, tail: Mention, entity_of: Callable[[Mention], str]) -> Relation:
    verb = next((verb for verb in VERBS if f" {verb} " in head.context), None)
    return Relation(
        document_id=chunk.document_id,
        chunk_id=chunk.id,
        head=entity_of(head),
        tail=entity_of(tail),
        predicate=VERBS.get(verb or "", "part_of"),
        pid="P1",
        confidence=0.5,
        evidence=Span(head.span.start, tail.span.end),
        extractor="test/1",
        evidence_text=head.context,
    )


def text(seed: int, sentences: int = 4) -> str:
    """A text of sentences that relate known names; equal seeds give equal texts."""
    source = random.Random(seed)
    lines = []
    for _ in range(sentences):
        a, b = source.sample(sorted(TYPES), 2)
        words = " ".join(f"w{source.randrange(50)}" for _ in range(source.randrange(1, 90)))
        lines.append(f"{a} {source.choice(sorted(VERBS))} {b} {words}.")
    return " ".join(lines)


def plain(graph: Graph) -> tuple[dict[str, dict[str, object]], dict[tuple[str, str], dict[str, object]]]:
    """Everything that a graph holds but for the time of writing."""
    nodes = {key: _without_time(node) for key, node in graph.nodes.items()}
    return nodes, {pair: _without_time(edge) for pair, edge in graph.edges.items()}


def _without_time(properties: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in properties.items() if name != "created_at"}


def file_path(name: str, path: str) -> str:
    """The name under which LightRAG shows a document."""
    return encode_file_path(name, path)
