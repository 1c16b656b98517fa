"""Build the bundled sample documents and their hand-made gold from the annotated sources.

Run from the repository root: ``python scripts/build_samples.py [--stats]``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from samples_align import Sample, find_quote, load_sample, sentences_at, sentences_of
from samples_render import render

from aegis_pipeline.documents import read_folder
from aegis_pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "aegis_pipeline" / "samples"
SOURCE, DOCUMENTS, GOLD = SAMPLES / "source", SAMPLES / "documents", SAMPLES / "gold"
NO_IDENTITY = {"TIME", "NUM"}


def extracted_texts(folder: Path) -> dict[str, str]:
    """The text of every document, as the project's own reader extracts it."""
    return {document.path: document.text for document in read_folder(folder, Settings()).documents}


def evidence(sample: Sample, head: str, tail: str, quotes: list[str]) -> tuple[list[int], bool]:
    """Evidence sentences of a relation, and whether head and tail never share a sentence."""
    heads, tails = sentences_of(sample, head), sentences_of(sample, tail)
    shared = sorted(set(heads) & set(tails))
    if quotes:
        chosen = {i for quote in quotes for i in sentences_at(sample, find_quote(sample, quote))}
    else:
        chosen = {shared[0]} if shared else {heads[0], tails[0]}
    return sorted(chosen), not shared


def expand(rows: list[list[str]]) -> list[tuple[str, str, str, list[str]]]:
    """Write out comma lists and two-way properties of the relation rows."""
    triples = []
    for heads, pids, tails, *quotes in rows:
        pid, _, inverse = pids.partition("/")
        for head in heads.split(", "):
            for tail in tails.split(", "):
                triples.append((head, pid, tail, quotes))
                if inverse:
                    triples.append((tail, inverse, head, quotes))
    return triples


def relation_lines(sample: Sample, rows: list[list[str]], names: dict[str, str]) -> list[dict[str, Any]]:
    """The relations of one document in the output form; fails on unknown keys and doubles."""
    lines: dict[tuple[str, str, str], dict[str, Any]] = {}
    for head, pid, tail, quotes in expand(rows):
        if head not in sample.clusters or tail not in sample.clusters or head == tail:
            raise ValueError(f"{sample.name}: {head} {pid} {tail}: not both mentioned")
        if (head, pid, tail) in lines:
            raise ValueError(f"{sample.name}: {head} {pid} {tail} stands there twice")
        sentences, cross = evidence(sample, head, tail, quotes)
        lines[head, pid, tail] = {
            "head": sample.clusters[head], "tail": sample.clusters[tail], "pid": pid,
            "name": names[pid], "evidence": sentences, "cross_sentence": cross,
        }  # fmt: skip
    return list(lines.values())


def mention_lines(sample: Sample, entities: dict[str, dict[str, str]], identity: bool) -> list[dict[str, Any]]:
    """The mentions of one document; for identity, dates and numbers carry no ``kb``."""
    lines = []
    for start, end, key in sample.mentions:
        kind = entities[key]["type"]
        line = {
            "start": start,
            "end": end,
            "type": kind,
            "cluster": sample.clusters[key],
            "name": entities[key]["name"],
        }
        lines.append(line if identity and kind in NO_IDENTITY else {**line, "kb": key})
    return lines


def question_line(row: dict[str, Any], samples: dict[str, Sample], entities: dict[str, Any]) -> dict[str, Any]:
    """One question with the offsets of its passages."""
    passages = []
    for document, quote in row["passages"]:
        start, end = find_quote(samples[document], quote)
        text = samples[document].text[start:end]
        passages.append({"document": document, "start": start, "end": end, "quote": text})
    names = [entities[key]["name"] for key in row["entities"]]
    return {
        "id": row["id"],
        "question": row["question"],
        "answer": row["answer"],
        "entities": names,
        "passages": passages,
    }


def load_toml(name: str) -> dict[str, Any]:
    """One of the tables beside the sources."""
    return tomllib.loads((SOURCE / name).read_text(encoding="utf-8"))


def write_lines(name: str, lines: list[dict[str, Any]]) -> None:
    """Write one JSON object a line."""
    GOLD.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (GOLD / name).write_text(text, encoding="utf-8")


def load_sources() -> dict[str, str]:
    """The annotated source of every document, by the document's relative path."""
    paths = sorted(SOURCE.rglob("*.src"))
    return {p.relative_to(SOURCE).as_posix().removesuffix(".src"): p.read_text(encoding="utf-8") for p in paths}


def build() -> list[dict[str, Any]]:
    """Write the documents and the three gold files; return the relation lines."""
    sources, entities = load_sources(), load_toml("entities.toml")
    relations, names = load_toml("relations.toml"), load_toml("properties.toml")
    shutil.rmtree(DOCUMENTS, ignore_errors=True)
    for name, source in sources.items():
        render(source, DOCUMENTS / name)
    texts = extracted_texts(DOCUMENTS)
    samples = {name: load_sample(name, source, texts[name]) for name, source in sources.items()}
    gold, identity = [], []
    for name, sample in samples.items():
        head = {"id": name, "text": sample.text, "sents": sample.sents}
        found = relation_lines(sample, relations[name]["relations"], names)
        gold.append({**head, "mentions": mention_lines(sample, entities, identity=False), "relations": found})
        identity.append({**head, "mentions": mention_lines(sample, entities, identity=True)})
    write_lines("relations.jsonl", gold)
    write_lines("identity.jsonl", identity)
    write_lines(
        "questions.jsonl", [question_line(q, samples, entities) for q in load_toml("questions.toml")["question"]]
    )
    return gold


def stats(gold: list[dict[str, Any]]) -> str:
    """The counts table of the README, in Markdown."""
    rows = ["| Document | Words | Mentions | Entities | Relations | Cross-sentence |", "|---|--:|--:|--:|--:|--:|"]
    total = [0] * 5
    for line in gold:
        clusters, cross = {m["cluster"] for m in line["mentions"]}, sum(r["cross_sentence"] for r in line["relations"])
        counts = [len(line["text"].split()), len(line["mentions"]), len(clusters), len(line["relations"]), cross]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        rows.append(f"| {line['id']} | " + " | ".join(map(str, counts)) + " |")
    total[2] = len({m["kb"] for line in gold for m in line["mentions"]})
    rows.append(f"| **{len(gold)} documents** | " + " | ".join(map(str, total)) + f" ({total[4] / total[3]:.0%}) |")
    return "\n".join(rows)


def main() -> int:
    """Build everything; with --stats also print the counts table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stats", action="store_true", help="print the counts table of the README")
    arguments = parser.parse_args()
    gold = build()
    if arguments.stats:
        print(stats(gold))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
