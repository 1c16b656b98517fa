"""What the two arms found in the same batch, side by side: documents, names, related pairs, and time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aegis_pipeline import tables
from aegis_pipeline.entities import normalise
from aegis_pipeline.errors import InputError
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.legacy_rows import LegacyDocument
from aegis_pipeline.records import Chunk, Document, Entity, Relation

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """What an arm's graph has of one document: node → all its names, and the pairs of nodes that are related."""

    path: str
    text: str
    names: Mapping[str, tuple[str, ...]]
    pairs: frozenset[Pair]


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What an arm's graph has of one batch. ``seconds`` is None where no run of it is known, ``scores`` maps a figure's
    name to its F1, where there is gold."""

    documents: tuple[FoundDocument, ...]
    chunks: int
    seconds: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def entities(self) -> frozenset[str]:
        """The keys of all nodes' names, in a spelling that both arms share."""
        return frozenset(normalise(name) for document in self.documents for name in document.names)

    @property
    def relations(self) -> frozenset[Pair]:
        """The related pairs, without direction: LightRAG has none."""
        pairs = (pair for document in self.documents for pair in document.pairs)
        return frozenset(_unordered(normalise(first), normalise(second)) for first, second in pairs)

    @property
    def counts(self) -> dict[str, int]:
        """How much of everything there is."""
        sizes = {"entities": len(self.entities), "relations": len(self.relations)}
        return {"documents": len(self.documents), "chunks": self.chunks, **sizes}


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many are in one arm only, and how many in both."""

    three_phase_only: int
    both: int
    legacy_only: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both arms' figures by name, and what they share. A figure that an arm does not have is None."""

    batch: str
    figures: Mapping[str, tuple[float | None, float | None]]
    entities: Overlap
    relations: Overlap


def compare(batch: str, three_phase: ArmResult, legacy: ArmResult) -> Comparison:
    """Both results of one batch, side by side."""
    ours, theirs = _figures(three_phase), _figures(legacy)
    return Comparison(
        batch,
        {name: (ours.get(name), theirs.get(name)) for name in ours | theirs},
        _overlap(three_phase.entities, legacy.entities),
        _overlap(three_phase.relations, legacy.relations),
    )


def three_phase_result(lake: DocumentLake, batch: str) -> ArmResult:
    """What the three phases found in ``batch``, from the lake.

    Raises:
        InputError: the batch has not been through the three phases.
        LakeError: a table is damaged.
    """
    if not (lake.has(batch, tables.ENTITIES) and lake.has(batch, tables.RELATIONS)):
        raise InputError(
            f"Batch {batch!r} has not been through the three phases: EXTRACTION_PIPELINE=three_phase aegis run FOLDER"
        )
    read = (tables.DOCUMENTS, tables.CHUNKS, tables.ENTITIES, tables.RELATIONS)
    return three_phase_arm(*(lake.read(batch, table) for table in read))


def three_phase_arm(
    documents: Sequence[Document], chunks: Sequence[Chunk], entities: Sequence[Entity], relations: Sequence[Relation]
) -> ArmResult:
    """What the three phases found: every node by its name, with its aliases, in the documents that mention it."""
    nodes = {entity.id: entity for entity in entities if entity.is_node}
    names, pairs = defaultdict[str, dict[str, tuple[str, ...]]](dict), defaultdict[str, set[Pair]](set)
    for entity in nodes.values():
        for mention in entity.mentions:
            names[mention.document_id][entity.name] = (entity.name, *entity.aliases)
    for relation in relations:
        pairs[relation.document_id].add((nodes[relation.head].name, nodes[relation.tail].name))
    found = tuple(
        FoundDocument(document.path, document.text, names[document.id], frozenset(pairs[document.id]))
        for document in documents
    )
    return ArmResult(found, len(chunks))


def legacy_result(batch: str, found: Iterable[LegacyDocument]) -> ArmResult:
    """What LightRAG's own extraction found in ``batch``.

    Raises:
        InputError: it has not extracted any document of the batch.
    """
    found = tuple(found)
    if not found:
        raise InputError(
            f"LightRAG's extraction has nothing of batch {batch!r}: ENABLE_LEGACY_EXTRACTION=true aegis run FOLDER"
        )
    documents = tuple(
        FoundDocument(one.path, one.text, {name: (name,) for name in one.entities}, frozenset(one.relations))
        for one in found
    )
    return ArmResult(documents, sum(document.chunks for document in found))


def _figures(result: ArmResult) -> dict[str, float | None]:
    return {**result.counts, "seconds": result.seconds, **result.scores}


def _overlap(ours: frozenset[object], theirs: frozenset[object]) -> Overlap:
    return Overlap(len(ours - theirs), len(ours & theirs), len(theirs - ours))


def _unordered(first: str, second: str) -> Pair:
    return (first, second) if first <= second else (second, first)
