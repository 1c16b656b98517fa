"""The bundled samples as a yardstick: phase 2 alone on their gold mentions, and all phases on their texts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from aegis_pipeline.benchmarks.scoring import GoldDocument, load, score
from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.entities import link_mentions
from aegis_pipeline.gates import IdentityOnGold
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.mentions.marks import Mark
from aegis_pipeline.mentions.results import by_document, first_indices, mentions_of
from aegis_pipeline.models import Encoder, vectors_version
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import Chunk, Document, Entity, EntityResult, Mention, MentionResult, RelationResult, Span

_PACKAGE = Path(__file__).resolve().parent.parent
_GOLD = _PACKAGE / "samples" / "gold"
_LABELS = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE", "TIME": "DATE", "NUM": "CARDINAL", "MISC": "MISC"}
_IDENTITY = "identity"
_BASELINE = TypeAdapter(dict[str, float])
_KNOWN = TypeAdapter(IdentityOnGold)

GOLD_NOTES = "_gold"
"""Where the lake keeps what was found on the gold: the key of no batch, for those end in a hash."""

Gold = Mapping[str, GoldDocument]


def known_identity(lake: DocumentLake, encoder: Encoder) -> IdentityOnGold:
    """:func:`identity_on_gold`, from the lake where it was found before by the same code and encoder."""
    version, known = identity_version(encoder), lake.noted(GOLD_NOTES, _IDENTITY)
    if known and known["version"] == version:
        return _KNOWN.validate_python(known["found"])
    found = identity_on_gold(encoder)
    lake.note(GOLD_NOTES, _IDENTITY, {"version": version, "found": _KNOWN.dump_python(found, mode="json")})
    return found


def identity_version(encoder: Encoder) -> str:
    """Changes with everything that :func:`identity_on_gold` depends on: the code and data of phase 2, the encoder, the
    gold."""
    return hashlib.sha256(" ".join([vectors_version(encoder), *_own_files()]).encode()).hexdigest()


@cache
def _own_files() -> tuple[str, ...]:
    return tuple(sha256_of(path) for path in (_PACKAGE / "entities", _GOLD / "identity.jsonl", Path(__file__)))


@lru_cache(maxsize=1)
def identity_on_gold(encoder: Encoder) -> IdentityOnGold:
    """Phase 2 on the gold's own mentions, over all samples; the user's names and overrides have no say in it."""
    gold = _samples("identity")
    documents = _documents(gold)
    chunks = chunk_documents(documents, encoder.count_tokens, encoder.max_tokens)
    mentions = tuple(_gold_mentions(gold, chunks))
    result = link_mentions(mentions, encoder.encode)
    pairs = score(gold, _identity_predictions(documents, mentions, result))["pairwise"]
    return IdentityOnGold(pairs["tp"], pairs["fp"], pairs["fn"], tuple(_joined(gold, result.entities)))


def score_on_gold(extractor: ThreePhaseExtractor) -> dict[str, float]:
    """F1 of mentions, of identity over all samples, and of relations: all phases on the samples' texts.

    A figure is missing where no mention of the gold was found, by which it would be counted.
    """
    gold = _samples("relations")
    lines = prediction_lines(extractor.extract_documents(_documents(gold)))
    predictions: Any = {line["id"]: line for line in lines}
    within, across = score(gold, predictions), score(_samples("identity"), predictions)
    found = {"mentions": within["ner_span"], "identity": across.get("pairwise"), "relations": within.get("rel_soft")}
    return {name: figures["f1"] for name, figures in found.items() if figures}


def baseline() -> dict[str, float]:
    """What :func:`score_on_gold` gave for the models that come along."""
    return _BASELINE.validate_json((_GOLD / "baseline.json").read_bytes())


@cache
def _samples(name: str) -> Gold:
    """Document by id, which is its path; ``name`` is ``identity`` or ``relations``."""
    return load(_GOLD / f"{name}.jsonl")


def _documents(gold: Gold) -> list[Document]:
    return [Document(key, key, document["text"], "") for key, document in gold.items()]


def _gold_mentions(gold: Gold, chunks: Sequence[Chunk]) -> Iterator[Mention]:
    """What phase 1 would have found, had it found everything and nothing else."""
    for own in by_document(chunks):
        for chunk, first in zip(own, first_indices(own), strict=True):
            yield from mentions_of(chunk, _marks(gold[chunk.document_id], chunk.span), first, numeric_nodes=False)


def _marks(document: GoldDocument, within: Span) -> Iterator[Mark]:
    for mention in document["mentions"]:
        if within.start <= mention["start"] and mention["end"] <= within.end:
            label = _LABELS[str(mention.get("type"))]
            yield Mark(mention["start"] - within.start, mention["end"] - within.start, label, "gold")


def _identity_predictions(documents: Sequence[Document], mentions: tuple[Mention, ...], result: EntityResult) -> Any:
    nothing = RelationResult((), ())
    extraction = Extraction(tuple(documents), (), MentionResult(mentions, ()), result, nothing, {})
    return {line["id"]: line for line in prediction_lines(extraction)}


def _joined(gold: Gold, entities: Sequence[Entity]) -> Iterator[str]:
    """The names of each entity that holds several things of the gold, the most of them first."""
    thing = {
        f"{key}:{m['start']}-{m['end']}": m["kb"]
        for key, document in gold.items()
        for m in document["mentions"]
        if m.get("kb")
    }
    for entity in entities:
        names: dict[Any, set[str]] = defaultdict(set)
        for mention in entity.mentions:
            if mention.id in thing:
                names[thing[mention.id]].add(mention.text)
        if len(names) > 1:
            yield " / ".join(", ".join(sorted(own)) for own in names.values())
