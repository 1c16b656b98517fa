"""Measures phase 3 on Re-DocRED dev: how often each pattern is right, and how good the extractor is.

    python scripts/measure_relations.py GOLD --calibrate PARTIAL    on 0-349: writes relations/parse/precision.json
    python scripts/measure_relations.py GOLD --report               on 400-499: writes docs/results/relations.json

GOLD is redocred_dev.jsonl, PARTIAL relations_partial.jsonl: its KnowledgeNet passages are labelled for a few properties
each, among them some that Re-DocRED seldom labels (who founded a company, who is employed where). Mentions are those of
phase 1, identity is the normalised name. A figure of 350-399 is there for choosing; 400-499 is for reporting only.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction, load, score
from aegis_pipeline.benchmarks.scoring.formats import PredictedMention
from aegis_pipeline.benchmarks.scoring.scorer import align, match_nodes
from aegis_pipeline.documents.chunks import chunk_documents
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.mentions import build_mention_extractor
from aegis_pipeline.records import Document, RelationInput
from aegis_pipeline.relations.parse import DependencyRelationExtractor, load_patterns
from aegis_pipeline.relations.parse.composition import compose
from aegis_pipeline.relations.parse.extractor import read
from aegis_pipeline.relations.parse.pattern_files import COMPOSED, COMPOSED_ACROSS
from aegis_pipeline.settings import settings

TRAIN, TUNE, REPORT = "0-349", "350-399", "400-499"
KNOWLEDGE_NET = "0-5716"
LEVELS = (0, 0.4, 0.5, 0.6)
BANDS = ((0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 1))
RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "relations.json"
PRECISION = files("aegis_pipeline.relations.parse").joinpath("precision.json")


class Labelled(NamedTuple):
    """One document with its labels, as phase 3 gets it."""

    gold: GoldDocument
    input: RelationInput


def labelled(path: str, documents: str) -> list[Labelled]:
    """Phases 1 and 2 over labelled documents: mentions of the default model, identity by normalised name."""
    gold = load(path, documents)
    texts = [Document(key, f"{key}.txt", document["text"], "") for key, document in gold.items()]
    chunks = chunk_documents(texts, lambda pieces: [len(piece.split()) for piece in pieces], settings().chunk_tokens)
    found = build_mention_extractor(settings()).extract(chunks)
    grouped: dict[str, defaultdict[str, list[Any]]] = {kind: defaultdict(list) for kind in ("c", "s", "m")}
    for kind, records in (("c", chunks), ("s", found.sentences), ("m", found.mentions)):
        for record in records:
            grouped[kind][record.document_id].append(record)
    return [
        Labelled(gold[text.id], relation_input(text, *(tuple(grouped[kind][text.id]) for kind in ("c", "s", "m"))))
        for text in texts
    ]


def relation_input(document: Document, chunks: Any, sentences: Any, mentions: Any) -> RelationInput:
    """One document with an entity for each normalised name, of the type that most of its mentions have."""
    entity_of = {mention.id: normalise(mention.text) for mention in mentions}
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mention in mentions:
        types[entity_of[mention.id]][mention.type] += 1
    entity_types = {entity: counts.most_common(1)[0][0] for entity, counts in types.items()}
    return RelationInput(document.id, document.text, chunks, sentences, mentions, entity_of, entity_types)


def prediction(document: RelationInput, edges: Iterable[tuple[str, str, str, float]]) -> Prediction:
    """A line in the format of ``aegis extract``."""
    nodes: defaultdict[str, list[PredictedMention]] = defaultdict(list)
    for mention in document.mentions:
        place: PredictedMention = {"start": mention.span.start, "end": mention.span.end, "label": mention.label}
        nodes[document.entity_of[mention.id]].append(place)
    return {
        "id": document.document_id,
        "nodes": [{"id": entity, "mentions": places} for entity, places in nodes.items()],
        "edges": [{"head": h, "tail": t, "pid": pid, "confidence": c} for h, t, pid, c in edges],
    }


def clusters(document: Labelled) -> dict[Any, Any]:
    """The gold cluster of each entity that has one."""
    return dict(match_nodes(align(document.gold, prediction(document.input, ())))[0])


def statements(document: Labelled) -> set[tuple[str, str, str, str]]:
    """Reading, head, tail and property of all that the patterns state, whatever its confidence."""
    entity_of = document.input.entity_of
    found = set()
    for _, stated in read(document.input, load_patterns()):
        for one in stated:
            head, tail = entity_of[one.head.id], entity_of[one.tail.id]
            if head != tail:
                found.add((one.reading, head, tail, one.predicate.pid))
    relations = DependencyRelationExtractor(load_patterns()).extract([document.input]).relations
    return found | {
        (COMPOSED if r.confidence else COMPOSED_ACROSS, r.head, r.tail, str(r.pid))
        for r in compose(relations, confidence=1, across=0)
    }


def calibrate(path: str, partial: str) -> None:
    """Counts for every reading how often it is right, and writes ``precision.json``."""
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    known = annotated(partial)
    for document in [*labelled(path, TRAIN), *labelled(partial, KNOWLEDGE_NET)]:
        cluster, properties = clusters(document), known.get(document.gold["id"])
        want = {(r["head"], r["tail"], r["pid"]) for r in document.gold["relations"]}
        for reading, head, tail, pid in statements(document):
            if properties is None or pid in properties:
                found[reading] += 1
                right[reading] += (cluster.get(head, ("?", head)), cluster.get(tail, ("?", tail)), pid) in want
    measured = {reading: {"right": right[reading], "found": found[reading]} for reading in sorted(found)}
    command = "python scripts/measure_relations.py redocred_dev.jsonl --calibrate relations_partial.jsonl"
    data = f"Re-DocRED dev {TRAIN}; KnowledgeNet, the properties that a text is labelled for"
    write(Path(str(PRECISION)), {"command": command, "data": data, "readings": measured})


def annotated(path: str) -> dict[str, set[str]]:
    """The properties that each text of a partly labelled file is labelled for, by its id."""
    with Path(path).open(encoding="utf-8") as lines:
        return {line["id"]: set(line["annotated"]) for line in map(json.loads, lines)}


def report(path: str) -> None:
    """Scores the extractor beside the floor and the ceiling, and writes ``docs/results/relations.json``."""
    train, tune, held_out = (labelled(path, documents) for documents in (TRAIN, TUNE, REPORT))
    result = {
        "command": "python scripts/measure_relations.py redocred_dev.jsonl --report",
        "data": f"Re-DocRED dev {REPORT}; patterns measured on {TRAIN} and KnowledgeNet, chosen on {TUNE}",
        "pipeline": f"{settings().spacy_model} mentions, identity by normalised name",
        "held out": {f"confidence >= {level:g}": extractor_figures(held_out, level) for level in LEVELS},
        "tuning": {f"confidence >= {level:g}": extractor_figures(tune, level) for level in LEVELS},
        "precision by confidence": {
            f"{low} to {high}": extractor_figures(held_out, low, high)["rel_soft"] for low, high in BANDS
        },
        "floor: type-pair prior, same sentence": prior_figures(train, tune, held_out),
        "ceiling: recall of a perfect extractor on these mentions": ceiling(held_out),
        "words per second": speed(held_out),
    }
    write(RESULTS, result)


def extractor_figures(documents: Sequence[Labelled], min_confidence: float, below: float = 1.01) -> dict[str, Any]:
    """The relation figures of the extractor, for a range of confidences."""
    extractor = DependencyRelationExtractor(load_patterns(), min_confidence)
    edges: defaultdict[str, list[tuple[str, str, str, float]]] = defaultdict(list)
    for r in extractor.extract([document.input for document in documents]).relations:
        if r.confidence < below:
            edges[r.document_id].append((r.head, r.tail, str(r.pid), r.confidence))
    return relation_figures(documents, edges)


def relation_figures(
    documents: Sequence[Labelled], edges: dict[str, list[tuple[str, str, str, float]]]
) -> dict[str, Any]:
    """What of the scorer's figures is about relations."""
    gold = {document.gold["id"]: document.gold for document in documents}
    pred = {d.gold["id"]: prediction(d.input, edges.get(d.gold["id"], ())) for d in documents}
    return {name: figure for name, figure in score(gold, pred).items() if name.startswith("rel_")}


def typed_pairs(document: RelationInput) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Every ordered pair of entities that share a sentence, with their types."""
    together: defaultdict[int, set[str]] = defaultdict(set)
    for mention in document.mentions:
        if mention.is_node:
            together[mention.sentence].add(document.entity_of[mention.id])
    pairs = {(head, tail) for entities in together.values() for head in entities for tail in entities if head != tail}
    for head, tail in sorted(pairs):
        yield head, tail, (document.entity_types[head], document.entity_types[tail])


def prior_figures(train: Sequence[Labelled], tune: Sequence[Labelled], held_out: Sequence[Labelled]) -> dict[str, Any]:
    """A prior that reads nothing: how often two types in one sentence have a property; its threshold is tuned."""
    seen: Counter[tuple[str, str]] = Counter()
    hits: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for document in train:
        cluster, gold = clusters(document), defaultdict[Any, list[str]](list)
        for r in document.gold["relations"]:
            gold[r["head"], r["tail"]].append(r["pid"])
        for head, tail, types in typed_pairs(document.input):
            seen[types] += 1
            hits[types].update(gold.get((cluster.get(head), cluster.get(tail)), ()))

    def at(documents: Sequence[Labelled], threshold: float) -> dict[str, Any]:
        edges = {
            d.gold["id"]: [
                (head, tail, pid, n / seen[types])
                for head, tail, types in typed_pairs(d.input)
                for pid, n in hits[types].items()
                if n / seen[types] >= threshold
            ]
            for d in documents
        }
        return relation_figures(documents, edges)

    best = max((t / 100 for t in range(2, 40)), key=lambda t: at(tune, t)["rel_soft"]["f1"])
    return {"threshold": best, **at(held_out, best)}


def ceiling(documents: Sequence[Labelled]) -> dict[str, float]:
    """The share of gold relations both of whose ends were found: in the document, and in one sentence."""
    total, anywhere, same_sentence = 0, 0, 0
    for document in documents:
        cluster = clusters(document)
        near = {(cluster.get(head), cluster.get(tail)) for head, tail, _ in typed_pairs(document.input)}
        for r in document.gold["relations"]:
            total += 1
            anywhere += {r["head"], r["tail"]} <= set(cluster.values())
            same_sentence += (r["head"], r["tail"]) in near
    return {"document": round(anywhere / total, 4), "same sentence": round(same_sentence / total, 4)}


def speed(documents: Sequence[Labelled]) -> int:
    """Words per second of phase 3 alone, on one core, to two digits."""
    extractor = DependencyRelationExtractor(load_patterns())
    start = time.perf_counter()
    extractor.extract([document.input for document in documents])
    words = sum(len(document.gold["text"].split()) for document in documents)
    return int(float(f"{words / (time.perf_counter() - start):.2g}"))


def write(path: Path, content: dict[str, Any]) -> None:
    """A JSON file that reads well in a diff."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", help="path of redocred_dev.jsonl")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--calibrate", metavar="PARTIAL", help="path of relations_partial.jsonl")
    action.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        report(arguments.gold)
    else:
        calibrate(arguments.gold, arguments.calibrate)
