"""Relations from the dependency parse: the embedded extractor of phase 3."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from aegis_pipeline.records import Mention, Outcome, PhaseOutcome, Relation, RelationInput, RelationResult, Sentence
from aegis_pipeline.relations.parse.composition import compose
from aegis_pipeline.relations.parse.frames import frames
from aegis_pipeline.relations.parse.patterns import Patterns, Stated
from aegis_pipeline.relations.parse.reference import Context, called_types
from aegis_pipeline.relations.parse.surface import surface_frames
from aegis_pipeline.relations.parse.tree import Tree

CODE_VERSION = "2"
"""To be raised when the code of this package could give other relations for the same input and patterns."""


class DependencyRelationExtractor:
    """Matches patterns against the frames of each sentence; what no pattern knows is not kept, but counted."""

    name = "dependency"

    def __init__(self, patterns: Patterns, min_confidence: float = 0.0) -> None:
        """``min_confidence`` in [0, 1]: statements below it are not kept."""
        self._patterns = patterns
        self._min_confidence = min_confidence
        self.version = f"{CODE_VERSION}-{patterns.version}-{min_confidence:g}"

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """See ``RelationExtractor.extract``; sentences without a parse give nothing and make the outcome DEGRADED."""
        relations: list[Relation] = []
        outcomes: list[PhaseOutcome] = []
        for document in documents:
            found, unknown = self._read(document)
            relations += found
            outcomes.append(_outcome(document, len(found), unknown))
        return RelationResult(tuple(relations), tuple(outcomes))

    def _read(self, document: RelationInput) -> tuple[list[Relation], int]:
        """The relations of one document, and how many frames with two nodes or more no pattern knows."""
        relations: list[Relation] = []
        unknown = 0
        for sentence, stated in read(document, self._patterns):
            unknown += not stated
            relations += self._relations(document, sentence, stated)
        composed = compose(_merge(relations), self._patterns.composed, self._patterns.composed_across)
        return _merge([*relations, *composed]), unknown

    def _relations(self, document: RelationInput, sentence: Sentence, stated: Sequence[Stated]) -> Iterator[Relation]:
        """What is stated between two entities, and surely enough."""
        for one in stated:
            head, tail = document.entity_of[one.head.id], document.entity_of[one.tail.id]
            if head != tail and one.confidence >= self._min_confidence:
                yield Relation(
                    document_id=document.document_id,
                    chunk_id=sentence.chunk_id,
                    head=head,
                    tail=tail,
                    predicate=one.predicate.key,
                    pid=one.predicate.pid,
                    confidence=one.confidence,
                    evidence=sentence.span,
                    extractor=f"{self.name} {self.version}",
                    evidence_text=document.text[sentence.span.start : sentence.span.end],
                )


def read(document: RelationInput, patterns: Patterns) -> Iterator[tuple[Sentence, list[Stated]]]:
    """What the frames of a document state, sentence by sentence: nothing where no pattern knows one of the parse."""
    parsed = [(Tree(sentence, mentions), sentence, mentions) for sentence, mentions in _parsed(document)]
    types = _types(document, called_types((tree for tree, *_ in parsed), document.entity_of, patterns.kinds))
    context = Context(types, document.entity_of)
    end = 0
    for tree, sentence, mentions in parsed:
        tree.refers = context.refers(tree)
        for frame in frames(tree):
            yield sentence, list(patterns.stated(frame, types))
        for frame in surface_frames(document.text, mentions, patterns.countries):
            if stated := list(patterns.stated(frame, types)):
                yield sentence, stated
        context.learn(tree, mentions, begins_paragraph=not end or "\n" in document.text[end : sentence.span.start])
        end = sentence.span.end


def _parsed(document: RelationInput) -> Iterator[tuple[Sentence, list[Mention]]]:
    """Every sentence that has a parse and a name, with its mentions that are nodes, in the order of the text."""
    mentions: defaultdict[int, list[Mention]] = defaultdict(list)
    for mention in sorted(document.mentions, key=lambda mention: mention.span.start):
        if mention.is_node and mention.id in document.entity_of:
            mentions[mention.sentence].append(mention)
    for sentence in document.sentences:
        if sentence.tokens and mentions[sentence.index]:
            yield sentence, mentions[sentence.index]


def _types(document: RelationInput, called: Mapping[str, str]) -> dict[str, str]:
    """The type of each mention by its id: what its entity is called, or else its entity's, surer than one mention's."""
    types = {**document.entity_types, **called}
    return {m.id: types.get(document.entity_of.get(m.id, ""), m.type) for m in document.mentions}


def _merge(relations: Sequence[Relation]) -> list[Relation]:
    """One relation for each statement: the most confident, and of equals the first; in the order of the text."""
    best: dict[tuple[str, str, str], Relation] = {}
    for relation in relations:
        key = (relation.head, relation.predicate, relation.tail)
        if key not in best or relation.confidence > best[key].confidence:
            best[key] = relation
    return sorted(best.values(), key=lambda r: (r.evidence.start, r.head, r.predicate, r.tail))


def _outcome(document: RelationInput, found: int, unknown: int) -> PhaseOutcome:
    """How it ended for one document."""
    unparsed = sum(not sentence.tokens for sentence in document.sentences)
    detail = f"{unknown} frames match no pattern" if unknown else ""
    if unparsed:
        detail = f"{unparsed} of {len(document.sentences)} sentences have no dependency parse and were not read"
        return PhaseOutcome(document.document_id, Outcome.DEGRADED, detail)
    return PhaseOutcome(document.document_id, Outcome.OK if found else Outcome.EMPTY, detail)
