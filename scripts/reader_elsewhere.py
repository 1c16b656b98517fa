"""What a reader does on texts of other kinds than it was trained on; used by ``measure_reader.py``."""

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reader_runs import Run, documents_of, run

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction, load
from aegis_pipeline.documents import read_folder
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.records import Span
from aegis_pipeline.settings import Settings
from aegis_pipeline.training.gold import tight

ROOT = Path(__file__).resolve().parent
SAMPLES = ROOT.parent / "aegis_pipeline" / "samples"
RE3D_TYPES = {
    "Person": "PER",
    "Organisation": "ORG",
    **dict.fromkeys(("Location", "Nationality"), "LOC"),
    "Temporal": "TIME",
    **dict.fromkeys(("Quantity", "Money"), "NUM"),
}

Line = dict[str, Any]


def amount(found: Run, decision: float, least: float) -> Line:
    """How much is stated, at the reader's own decision and at the least confidence of the graph."""
    return {"at the F1 point": _amount(found.at(decision)), "in the graph": _amount(found.at(least))}


def _amount(found: Run) -> Line:
    documents, relations = found.extraction.documents, found.extraction.relations
    without = len(documents) - len({r.document_id for r in relations})
    words = sum(len(document.text.split()) for document in documents)
    return {
        "statements a thousand words": round(1000 * len(relations) / words, 1),
        "share of documents without any": round(without / len(documents), 4),
    }


def gum(path: Path, extractor: ThreePhaseExtractor, decision: float, least: float) -> Line:
    """Names of texts of several genres, and who they are over all documents; only linked names are labelled, so that
    there is recall alone."""
    gold = load(path)
    found = run(extractor, documents_of(gold))
    figures = found.scored(gold)
    return {
        "documents": len(gold),
        "names found": figures["ner_span"]["r"],
        "names touched": figures["ner_overlap_recall"],
        "pairwise": figures["pairwise"],
        "b3": figures["b3"],
        **amount(found, decision, least),
    }


def samples(extractor: ThreePhaseExtractor, decision: float, least: float) -> Line:
    """The bundled documents."""
    documents = [replace(d, id=d.path) for d in read_folder(SAMPLES / "documents", Settings()).documents]
    found = run(extractor, documents)
    gold, identity = (load(SAMPLES / "gold" / f"{name}.jsonl") for name in ("relations", "identity"))
    across = found.scored(identity)
    return {
        "documents": len(gold),
        "at the F1 point": found.at(decision).scored(gold),
        "in the graph": found.related(gold, least),
        "across documents": {name: across[name] for name in ("pairwise", "b3")},
    }


def re3d(path: Path, extractor: ThreePhaseExtractor, decision: float, least: float) -> Line:
    """Reports of another domain: mentions, and relations as far as a type of theirs has properties that fit."""
    rows = [json.loads(row) for row in path.read_bytes().splitlines()]
    gold: dict[str, GoldDocument] = {row["id"]: _gold(row) for row in rows}
    found = run(extractor, documents_of(gold))
    figures = found.scored(gold)
    return {
        "documents": len(gold),
        **{name: figures[name] for name in ("ner_span", "ner_typed", "ner_overlap_recall")},
        **amount(found, decision, least),
        "relations at the F1 point": _related(rows, found.at(decision)),
        "relations in the graph": _related(rows, found.at(least)),
    }


def _gold(row: Line) -> GoldDocument:
    mentions = [{**m, "type": RE3D_TYPES.get(m["type"], "MISC")} for m in row["mentions"]]
    return {"id": row["id"], "text": row["text"], "mentions": mentions}  # type: ignore[typeddict-item]


def _related(rows: Sequence[Line], found: Run) -> Line:
    """Counts of re3D's relations that have properties: both ends found, related by any property, by one that fits."""
    fitting, counts = _fitting(), Counter[str]()
    stated: dict[tuple[str, str | None, str | None], set[str]] = defaultdict(set)
    for r in found.extraction.relations:
        stated[r.document_id, r.head, r.tail].add(str(r.pid))
    for row in rows:
        node_of, kind_of = _nodes(row["text"], found.lines[row["id"]]), {_ends(m): m["type"] for m in row["mentions"]}
        for r in row["relations"]:
            spans = Span(r["hs"], r["he"]), Span(r["ts"], r["te"])
            properties = fitting.get((r["type"], *(kind_of.get(span) for span in spans)))
            if properties:
                head, tail = (node_of.get(tight(row["text"], span)) for span in spans)
                forward, backward = stated[row["id"], head, tail], stated[row["id"], tail, head]
                counts["relations with a property"] += 1
                counts["both ends found"] += head is not None and tail is not None
                counts["related"] += bool(forward | backward)
                counts["by a property that fits"] += bool(forward & properties[0] | backward & properties[1])
    return dict(counts)


def _ends(mention: Any) -> Span:
    return Span(mention["start"], mention["end"])


def _nodes(text: str, line: Prediction) -> dict[Span, str]:
    """Tight span → node."""
    return {tight(text, _ends(m)): str(node["id"]) for node in line["nodes"] for m in node["mentions"]}


def _fitting() -> dict[tuple[str | None, ...], tuple[set[str], set[str]]]:
    """re3D's type and the types of its ends → properties that fit, from head to tail and from tail to head."""
    rows = tomllib.loads((ROOT / "re3d_relations.toml").read_text(encoding="utf-8"))["relation"]
    return {(r["type"], r["head"], r["tail"]): (set(r["forward"]), set(r["backward"])) for r in rows}
