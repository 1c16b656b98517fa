"""Measures the pipeline on the bundled samples: quality against their gold, and recall of the passages that answer.

    python scripts/measure_samples.py        writes docs/results/samples.json and docs/results/samples-errors.md

The gold was made by hand before any extractor was run on the texts, and nothing was tuned on it.
"""

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aegis_pipeline.benchmarks.scoring import load, score
from aegis_pipeline.documents import read_folder
from aegis_pipeline.graph import EmbeddedGraphStore, ask, contribute
from aegis_pipeline.models import Encoder, load_encoder, load_spacy
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "aegis_pipeline" / "samples"
RESULTS = ROOT / "docs" / "results"
RECALL_AT = 5
COMMON_KNOWLEDGE = {"P17", "P27", "P495"}  # countries, which the gold marks for every name as Re-DocRED does

Line = dict[str, Any]


def main() -> None:
    """Run the pipeline on the samples and write both results."""
    settings = Settings()
    documents = [replace(d, id=d.path) for d in read_folder(SAMPLES / "documents", settings).documents]
    extraction = ThreePhaseExtractor.from_settings(settings).extract_documents(documents)
    predictions = {line["id"]: line for line in prediction_lines(extraction)}
    gold, identity = load(SAMPLES / "gold" / "relations.jsonl"), load(SAMPLES / "gold" / "identity.jsonl")
    figures = {
        "command": "python scripts/measure_samples.py",
        "counts": counts(extraction),
        "within documents": score(gold, predictions),
        "without P17, P27, P495": _relations_only(score(_without(gold), predictions)),
        "across documents": score(identity, predictions),
        f"recall@{RECALL_AT} of the passages": retrieval(settings, documents, extraction),
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "samples.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "samples-errors.md").write_text(errors_page(gold, identity, predictions), encoding="utf-8")


def counts(extraction: Extraction) -> dict[str, int]:
    """What `make demo` prints."""
    return {
        "documents": len(extraction.documents),
        "chunks": len(extraction.chunks),
        "mentions": len(extraction.mentions),
        "entities": len(extraction.entities),
        "aliases merged": sum(merge.accepted for merge in extraction.phase2.merges),
        "relations": len(extraction.relations),
        "graph nodes": sum(entity.is_node for entity in extraction.entities),
    }


def _relations_only(figures: Line) -> Line:
    return {name: value for name, value in figures.items() if name.startswith("rel_")}


def _without(gold: Line) -> Line:
    """Gold without the relations that common knowledge states; predictions of them then count as wrong."""
    return {
        key: {**row, "relations": [r for r in row["relations"] if r["pid"] not in COMMON_KNOWLEDGE]}
        for key, row in gold.items()
    }


def retrieval(settings: Settings, documents: Sequence[Document], extraction: Extraction) -> dict[str, Line]:
    """For each mode: the share of gold passages that lie in the first five passages retrieved."""
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    questions = [json.loads(line) for line in (SAMPLES / "gold" / "questions.jsonl").open(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedGraphStore(Path(folder), encoder, settings.extraction_batch_size)
        store.write(
            contribute(
                "samples", documents, extraction.chunks, extraction.entities, extraction.relations, load_schema()
            )
        )
        return {mode.value: _recall(settings, store, encoder, questions, mode) for mode in QueryMode}


def _recall(
    settings: Settings, store: EmbeddedGraphStore, encoder: Encoder, questions: Sequence[Line], mode: QueryMode
) -> Line:
    nlp = load_spacy(settings.spacy_model, device=settings.device)
    found, answered = [], []
    for question in questions:
        answer = ask(store, nlp, encoder, load_schema(), question["question"], mode, top_k=10)
        places = [passage.source for passage in answer.passages[:RECALL_AT]]
        hits = [
            any(p.path == gold["document"] and p.start <= gold["start"] and gold["end"] <= p.end for p in places)
            for gold in question["passages"]
        ]
        found.append(sum(hits) / len(hits))
        answered.append(all(hits))
    return {"recall": round(sum(found) / len(found), 4), "all passages": sum(answered), "questions": len(questions)}


def errors_page(gold: Line, identity: Line, predictions: Line) -> str:
    """What the pipeline gets wrong in the samples, for a reader."""
    parts = [
        "# What the pipeline gets wrong in the samples",
        "Made by `python scripts/measure_samples.py`; the figures are in `samples.json`.",
        "## Things that became one node and are not one\n",
        *_listed(false_merges(identity, predictions)),
        "\n## Things that are one and became several nodes\n",
        *_listed(splits(identity, predictions)),
        "\n## Names that were not found, by type\n",
        *_listed(missed_mentions(gold, predictions)),
        "\n## Relations by property\n",
        "| property | in gold | found | wrong |\n|---|--:|--:|--:|",
        *relation_rows(gold, predictions),
    ]
    return "\n".join(parts) + "\n"


def _listed(lines: Sequence[str]) -> list[str]:
    return [f"- {line}" for line in lines] or ["- none"]


def _nodes_of(identity: Line, predictions: Line) -> list[tuple[str, str, str]]:
    """(gold key, node id, surface) of every mention that both sides have, with exactly the same span."""
    found = []
    for key, row in identity.items():
        spans = {(m["start"], m["end"]): n["id"] for n in predictions[key]["nodes"] for m in n["mentions"]}
        for mention in row["mentions"]:
            node = spans.get((mention["start"], mention["end"]))
            if node is not None and mention.get("kb"):
                found.append((mention["kb"], node, row["text"][mention["start"] : mention["end"]]))
    return found


def false_merges(identity: Line, predictions: Line) -> list[str]:
    """Nodes whose mentions belong to several things of the gold."""
    keys: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key, node, surface in _nodes_of(identity, predictions):
        keys[node][key].add(surface)
    return sorted(
        " / ".join(f"{key} ({', '.join(sorted(surfaces))})" for key, surfaces in sorted(group.items()))
        for group in keys.values()
        if len(group) > 1
    )


def splits(identity: Line, predictions: Line) -> list[str]:
    """Things of the gold whose mentions lie in several nodes."""
    nodes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key, node, surface in _nodes_of(identity, predictions):
        nodes[key][node].add(surface)
    return sorted(
        f"{key}: " + " | ".join(sorted(", ".join(sorted(surfaces)) for surfaces in group.values()))
        for key, group in nodes.items()
        if len(group) > 1
    )


def missed_mentions(gold: Line, predictions: Line) -> list[str]:
    """For each type: how many of the gold's mentions no prediction overlaps, and some of them."""
    missed: dict[str, Counter[str]] = defaultdict(Counter)
    for key, row in gold.items():
        spans = [(m["start"], m["end"]) for node in predictions[key]["nodes"] for m in node["mentions"]]
        for m in row["mentions"]:
            if not any(start < m["end"] and m["start"] < end for start, end in spans):
                missed[m["type"]][row["text"][m["start"] : m["end"]]] += 1
    return [
        f"{kind}: {sum(names.values())} ({', '.join(name for name, _ in names.most_common(12))})"
        for kind, names in sorted(missed.items())
    ]


def relation_rows(gold: Line, predictions: Line) -> list[str]:
    """A table row for each property: how many the gold has, how many of them were found, and how many are wrong."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key in gold:
        alone = score({key: gold[key]}, {key: predictions[key]})
        counts["all"].update(gold=alone["rel_soft"]["tp"] + alone["rel_soft"]["fn"])
        counts["all"].update(found=alone["rel_soft"]["tp"], wrong=alone["rel_soft"]["fp"])
        for pid in {r["pid"] for r in gold[key]["relations"]} | {e["pid"] for e in predictions[key]["edges"]}:
            one = score(*_only(pid, key, gold, predictions))["rel_soft"]
            counts[pid].update(gold=one["tp"] + one["fn"], found=one["tp"], wrong=one["fp"])
    ordered = sorted(counts.items(), key=lambda item: (-item[1]["gold"], item[0]))
    return [f"| {pid} | {c['gold']} | {c['found']} | {c['wrong']} |" for pid, c in ordered]


def _only(pid: str, key: str, gold: Line, predictions: Line) -> tuple[Line, Line]:
    kept = [r for r in gold[key]["relations"] if r["pid"] == pid]
    edges = [e for e in predictions[key]["edges"] if e["pid"] == pid]
    return {key: {**gold[key], "relations": kept}}, {key: {**predictions[key], "edges": edges}}


if __name__ == "__main__":
    main()
