"""The three phases in a row, without Dagster and without a graph: texts in, entities and relations out."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

from aegis_pipeline.documents import LANGUAGES, chunk_documents
from aegis_pipeline.entities import NO_OVERRIDES, EncodeNames, MergeOverrides, link_mentions
from aegis_pipeline.errors import SettingsError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.mentions import MentionExtractor, build_mention_extractor
from aegis_pipeline.models import Encoder, load_encoder, model_language
from aegis_pipeline.models.gpu_room import make_room, no_room_needed
from aegis_pipeline.pipeline.user_names import load_user_names
from aegis_pipeline.progress import Laps, Ticker
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
    RelationInput,
    RelationResult,
    Sentence,
)
from aegis_pipeline.relations import RelationExtractor, build_relation_extractor
from aegis_pipeline.settings import Settings

CountTokens = Callable[[Sequence[str]], list[int]]
_CHUNKS_AT_ONCE = 256
_log = event_log(__name__)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the phases found in a batch of documents; the time of each, by the wall and of this process's CPU."""

    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    phase1: MentionResult
    phase2: EntityResult
    phase3: RelationResult
    seconds: dict[str, float]
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every mention, numeric ones too."""
        return self.phase1.mentions

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Every entity; ``is_node`` says which become nodes of the graph."""
        return self.phase2.entities

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Every relation, by entity id."""
        return self.phase3.relations


@dataclass(frozen=True, slots=True)
class ThreePhaseExtractor:
    """Mentions and relations by the extractors that were chosen, entities by name.

    Models are passed in, loaded once; ``ThreePhaseExtractor`` itself is light, and safe to share. ``same_names`` maps
    an alias to its name, as the glossary says; ``overrides`` are the names that the user joins or keeps apart.
    """

    mention_extractor: MentionExtractor
    relation_extractor: RelationExtractor
    count_tokens: CountTokens
    chunk_tokens: int
    encode_names: EncodeNames
    same_names: Mapping[str, str] = field(default_factory=dict)
    overrides: MergeOverrides = NO_OVERRIDES
    make_room: Callable[[str], None] = no_room_needed

    @classmethod
    def from_settings(cls, settings: Settings) -> "ThreePhaseExtractor":
        """With the models that the settings name; the spaCy model is loaded at the first use.

        Raises:
            ModelError: the encoder is not there.
            InputError: the glossary or the file of merge overrides cannot be used.
            SettingsError: chunks would be longer than the encoder reads.
        """
        names = load_user_names(settings.glossary, settings.aegis_merge_overrides)
        encoder = load_encoder(settings.encoder_model, device=settings.device)
        return cls(
            build_mention_extractor(settings),
            build_relation_extractor(settings),
            encoder.count_tokens,
            token_limit(settings, encoder),
            encoder.encode,
            names.same_names,
            names.overrides,
            partial(make_room, settings),
        )

    def extract(self, text: str, document_id: str | None = None, language: str = "en") -> Extraction:
        """One text. Offsets refer to ``text`` as it is given; the id defaults to a hash of it."""
        content_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        identity = document_id or f"doc-{content_hash[:24]}"
        return self.extract_documents([Document(identity, identity, text, content_hash, language)])

    def extract_documents(self, documents: Sequence[Document]) -> Extraction:
        """A batch: mentions are found in batches over all documents, and entities are the same across them."""
        laps = Laps()
        chunks = tuple(chunk_documents(documents, self.count_tokens, self.chunk_tokens))
        laps.end("chunks", len(chunks))
        self.make_room("mentions")
        phase1 = _with_empty(documents, extract_mentions(self.mention_extractor, chunks))
        laps.end("mentions", len(phase1.mentions))
        paths = {document.id: document.path for document in documents}
        phase2 = link_mentions(phase1.mentions, self.encode_names, self.same_names, self.overrides, paths)
        laps.end("entities", len(phase2.entities))
        inputs = relation_inputs(documents, chunks, phase1.mentions, phase2.entities)
        self.make_room("relations")
        phase3 = extract_relations(self.relation_extractor, inputs)
        laps.end("relations", len(phase3.relations))
        return Extraction(tuple(documents), chunks, phase1, phase2, phase3, laps.seconds, laps.cpu_seconds)


def _with_empty(documents: Sequence[Document], result: MentionResult) -> MentionResult:
    """A document without text has no chunks, and so no outcome of phase 1 yet."""
    known = {outcome.document_id for outcome in result.outcomes}
    empty = (PhaseOutcome(d.id, Outcome.EMPTY, "no text") for d in documents if d.id not in known)
    return replace(result, outcomes=(*result.outcomes, *empty))


def token_limit(configured: Settings, encoder: Encoder) -> int:
    """Tokens that a chunk may have.

    Raises:
        SettingsError: the encoder would not read the whole of such a chunk.
    """
    if configured.chunk_tokens > encoder.max_tokens:
        raise SettingsError(
            f"CHUNK_TOKENS={configured.chunk_tokens}: {configured.encoder_model} reads {encoder.max_tokens} tokens of "
            f"a text; valid are 32 to {encoder.max_tokens}."
        )
    return configured.chunk_tokens


def readable_languages(spacy_model: str) -> frozenset[str]:
    """The languages of documents that the spaCy model reads."""
    language = model_language(spacy_model)
    return LANGUAGES if language == "xx" else frozenset({language})


def extract_mentions(extractor: MentionExtractor, chunks: Sequence[Chunk]) -> MentionResult:
    """Phase 1 over a batch, some documents at a time: it is seen how far it is, and a failure costs few of them."""
    ticker, results, done = Ticker("mentions", "chunks"), [], 0
    for together in _groups(chunks):
        _tell_start(together)
        results.append(extractor.extract(together))
        _tell_mentions(results[-1])
        done += len(together)
        ticker(done, len(chunks))
    return MentionResult(
        tuple(mention for result in results for mention in result.mentions),
        tuple(outcome for result in results for outcome in result.outcomes),
    )


def _tell_start(chunks: Sequence[Chunk]) -> None:
    for document_id, own in groupby(chunks, key=lambda chunk: chunk.document_id):
        lengths = [len(chunk.text) for chunk in own]
        _log.info(Event.EXTRACTION_START, document_id=document_id, text_length=sum(lengths), chunks=len(lengths))


def _tell_mentions(result: MentionResult) -> None:
    found = Counter(mention.document_id for mention in result.mentions)
    for each in result.outcomes:
        _log.info(
            Event.MENTIONS_EXTRACTED,
            document_id=each.document_id,
            outcome=each.outcome.value,
            mentions=found[each.document_id],
        )


def _groups(chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
    """Whole documents, a few hundred chunks together."""
    group: list[Chunk] = []
    for _, document in groupby(chunks, key=lambda chunk: chunk.document_id):
        group += document
        if len(group) >= _CHUNKS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def extract_relations(extractor: RelationExtractor, documents: Sequence[RelationInput]) -> RelationResult:
    """Phase 3 over a batch."""
    result = extractor.extract(documents)
    found = Counter(relation.document_id for relation in result.relations)
    for each in result.outcomes:
        _log.info(
            Event.RELATIONS_EXTRACTED,
            document_id=each.document_id,
            outcome=each.outcome.value,
            relations=found[each.document_id],
            rejected=sum(rejection.count for rejection in each.rejected),
        )
    return result


def relation_inputs(
    documents: Sequence[Document],
    chunks: Sequence[Chunk],
    mentions: Sequence[Mention],
    entities: Sequence[Entity],
) -> list[RelationInput]:
    """What phase 3 gets of each document, with the mentions of entities that are nodes of the graph."""
    entity_of = {mention.id: entity.id for entity in entities if entity.is_node for mention in entity.mentions}
    types = {entity.id: entity.type for entity in entities}
    chunks_of, mentions_of = defaultdict(list), defaultdict(list)
    for chunk in chunks:
        chunks_of[chunk.document_id].append(chunk)
    for mention in mentions:
        if mention.id in entity_of:
            mentions_of[mention.document_id].append(mention)
    return [
        RelationInput(
            document.id,
            document.text,
            tuple(chunks_of[document.id]),
            tuple(_sentences(chunks_of[document.id])),
            tuple(mentions_of[document.id]),
            own := {mention.id: entity_of[mention.id] for mention in mentions_of[document.id]},
            {entity_id: types[entity_id] for entity_id in set(own.values())},
        )
        for document in documents
    ]


def _sentences(chunks: Sequence[Chunk]) -> Iterator[Sentence]:
    """Those of one document's chunks, numbered."""
    placed = ((chunk, span) for chunk in chunks for span in chunk.sentences)
    return (Sentence(chunk.document_id, chunk.id, index, span) for index, (chunk, span) in enumerate(placed))
