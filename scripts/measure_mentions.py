"""Measures phases 1 and 2 on labelled documents, beside a bare spaCy model, and prints one JSON object.

    python scripts/measure_mentions.py REDOCRED_DEV.jsonl --documents 0-299 --run DIR [--across XDOC.jsonl …]

DIR is the folder of one ``aegis train-reader`` on that file: no document is read by a tagger that learned from it.
``docs/results/mentions.json`` is what it printed; run it again when a rule of phase 1 or 2 changes.
Each file has one document a line with ``id``, ``text`` and labelled mentions, in the form that ``aegis score`` reads.
``--across`` names files with labelled identities over documents. Only figures are printed, no text of the documents.
"""

import argparse
import json
import platform
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from unseen_mentions import UnseenExtractor

from aegis_pipeline.benchmarks.scoring import load, score
from aegis_pipeline.benchmarks.scoring.scorer import tight
from aegis_pipeline.documents import chunk_documents, sanitize
from aegis_pipeline.entities import link_mentions, normalise
from aegis_pipeline.mentions import MentionExtractor, RegexMentionExtractor, SpacyMentionExtractor, read_pipeline
from aegis_pipeline.models import load_encoder
from aegis_pipeline.records import Chunk, Document, Entity, Mention
from aegis_pipeline.settings import Settings

THREADS = 1


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--documents", default="0-299", help="of GOLD, both ends included")
    parser.add_argument("--run", type=Path, required=True, help="folder of an `aegis train-reader` on GOLD")
    parser.add_argument("--across", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    settings = Settings()
    nlp = read_pipeline(settings.spacy_model, device="cpu")
    reader, spacy = UnseenExtractor(arguments.run, arguments.gold, settings), SpacyMentionExtractor(nlp)
    gold = load(arguments.gold, arguments.documents)
    chunks = chunks_of(gold, settings)
    entities = linked(chunks, reader)
    results: dict[str, Any] = {
        "command": command(arguments),
        "model": reader.model,
        "python": platform.python_version(),
        "spacy": version("spacy"),
        "bare_model": figures(gold, score(gold, bare(nlp, gold))),
        "phases_1_and_2": measured(gold, entities),
        "spacy_backend": measured(gold, linked(chunks, spacy)),
        "regex_fallback": measured(gold, linked(chunks, RegexMentionExtractor())),
        "wrong merges": [[*names, pairs] for names, pairs in sorted(merged_pairs(gold, entities)[1].items())],
    }
    for path in arguments.across:
        gold = load(path)
        chunks = chunks_of(gold, settings)
        results[f"across_{path.stem}"] = measured(gold, linked(chunks, reader))
        results[f"spacy_backend_across_{path.stem}"] = measured(gold, linked(chunks, spacy))
    json.dump(results, sys.stdout, indent=1)
    print()


def command(arguments: argparse.Namespace) -> str:
    """The command that was given, with the files' names alone."""
    across = f" --across {' '.join(path.name for path in arguments.across)}" if arguments.across else ""
    return (
        f"python scripts/measure_mentions.py {arguments.gold.name} --documents {arguments.documents} --run DIR{across}"
    )


def chunks_of(gold: dict[str, Any], settings: Settings) -> list[Chunk]:
    """The documents' chunks, as the pipeline makes them."""
    encoder = load_encoder(settings.encoder_model, device="cpu")
    documents = [Document(name, name, row["text"], "") for name, row in gold.items()]
    if changed := sum(sanitize(document.text) != document.text for document in documents):
        print(f"{changed} documents would be sanitised; they are measured as they are", file=sys.stderr)
    return chunk_documents(documents, encoder.count_tokens, settings.chunk_tokens)


def measured(gold: dict[str, Any], entities: Sequence[Entity]) -> dict[str, Any]:
    """Mentions and identity."""
    merges = merges_beyond_key(gold, entities)
    return {**figures(gold, score(gold, predictions(entities))), "merges_beyond_key": merges}


def linked(chunks: Sequence[Chunk], extractor: MentionExtractor) -> tuple[Entity, ...]:
    """What phases 1 and 2 make of the chunks."""
    encoder = load_encoder(Settings().encoder_model, device="cpu")
    return link_mentions(extractor.extract(chunks).mentions, encoder.encode).entities


def merges_beyond_key(gold: dict[str, Any], entities: Iterable[Entity]) -> dict[str, Any]:
    """Precision of merges alone: pairs of matched mentions in one entity whose normalised keys differ."""
    right, wrong = merged_pairs(gold, entities)
    return {"p": round(right / max(1, right + wrong.total()), 4), "tp": right, "fp": wrong.total()}


def merged_pairs(gold: dict[str, Any], entities: Iterable[Entity]) -> tuple[int, Counter[tuple[str, str, str]]]:
    """How many are right, and the wrong ones by document and names. Within each document where the file labels
    clusters, over all documents where it labels identities."""
    within = any("relations" in row for row in gold.values())
    label = "cluster" if within else "kb"
    labels = {
        (name, tight(row["text"], m["start"], m["end"])): m[label]
        for name, row in gold.items()
        for m in row["mentions"]
        if m.get(label) is not None
    }
    right, wrong = 0, Counter[tuple[str, str, str]]()
    for entity in entities:
        counts: dict[str, Counter[tuple[str, Any]]] = defaultdict(Counter)
        for m in entity.mentions:
            if (at := (m.document_id, tight(gold[m.document_id]["text"], m.span.start, m.span.end))) in labels:
                counts[m.document_id if within else ""][normalise(m.text), labels[at]] += 1
        for document, count in counts.items():
            for (one, other), same, pairs in pairs_of_keys(count):
                right += pairs if same else 0
                wrong += {} if same else {(document, one, other): pairs}
    return right, wrong


def pairs_of_keys(count: Counter[tuple[str, Any]]) -> Iterator[tuple[tuple[str, str], bool, int]]:
    """Different keys, whether their labels are the same, and how many pairs of mentions have them."""
    for (key, label), (other_key, other_label) in combinations(count, 2):
        if key != other_key:
            one, other = sorted((key, other_key))
            yield (one, other), label == other_label, count[key, label] * count[other_key, other_label]


def figures(gold: dict[str, Any], scored: dict[str, Any]) -> dict[str, Any]:
    """What concerns phases 1 and 2. Where only linked names are labelled (no relations either), only recall is told."""
    if all("relations" not in row for row in gold.values()):
        scored["ner_span"] = {"r": scored["ner_span"]["r"]}
        del scored["ner_typed"]
    return {name: value for name, value in scored.items() if not name.startswith("rel_")}


def predictions(entities: Iterable[Entity]) -> dict[str, Any]:
    """Entities in the scorer's form: a line per document."""
    lines: dict[str, Any] = {}
    for entity in entities:
        for mention in entity.mentions:
            line = lines.setdefault(mention.document_id, {"nodes": {}, "edges": []})
            node = line["nodes"].setdefault(entity.id, {"id": entity.id, "type": entity.type, "mentions": []})
            node["mentions"].append(place(mention))
    return {name: {"id": name, "nodes": list(line["nodes"].values()), "edges": []} for name, line in lines.items()}


def place(mention: Mention) -> dict[str, Any]:
    """Offsets and label."""
    return {"start": mention.span.start, "end": mention.span.end, "label": mention.label}


def bare(nlp: Any, gold: dict[str, Any]) -> dict[str, Any]:
    """What the model says of the whole texts, each name in lower case an entity: the floor."""
    docs = zip(gold, nlp.pipe(row["text"] for row in gold.values()), strict=True)
    mentions = ((name, span) for name, doc in docs for span in doc.ents)
    lines: dict[str, Any] = {name: {"id": name, "nodes": [], "edges": []} for name in gold}
    for name, span in mentions:
        found = {"start": span.start_char, "end": span.end_char, "label": span.label_}
        lines[name]["nodes"].append({"id": " ".join(span.text.lower().split()), "mentions": [found]})
    return lines


if __name__ == "__main__":
    main()
