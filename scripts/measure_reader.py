"""Measures a trained reader end to end, and gathers what was tried: writes docs/results/reader.json.

    python scripts/measure_reader.py GOLD --reader DIR/reader --tried NAME=DIR [NAME=DIR ...] [--documents 400-499]

GOLD is redocred_dev.jsonl. Every DIR is the folder of one `aegis train-reader`: its logs say what each step reached on
the tuning documents, where recipes are chosen. The report is on documents that no choice has seen.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from aegis_pipeline.benchmarks.scoring import GoldDocument, load, score
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline.reader.files import ReaderFiles
from aegis_pipeline.records import Document
from aegis_pipeline.settings import NerBackend, RelationBackend, settings
from aegis_pipeline.training.loop import LOG

REPORT = "400-499"
FLOOR = 0.162  # soft F1 of a prior that knows the pair's types and reads nothing, on 0-299
RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "reader.json"


def measured(gold: dict[str, GoldDocument], reader: Path) -> dict[str, Any]:
    """Score and speed of all three phases, relations at the reader's own decision."""
    manifest = ReaderFiles.read(reader).manifest
    configured = settings().model_copy(
        update={
            "ner_backend": NerBackend.READER,
            "relation_backend": RelationBackend.EMBEDDED,
            "reader_model": reader,
            "relation_min_confidence": manifest.decision,
        }
    )
    extractor = ThreePhaseExtractor.from_settings(configured)
    extractor.extract("Marie Curie was born in Warsaw.")  # loads every model
    began = time.perf_counter()
    extraction = extractor.extract_documents([Document(key, key, d["text"], "") for key, d in gold.items()])
    seconds = time.perf_counter() - began
    lines: dict[str, Any] = {line["id"]: line for line in prediction_lines(extraction)}
    return {
        **score(gold, lines),
        "floor_rel_soft_f1": FLOOR,
        "ceiling_rel_soft_recall": ceiling(gold, lines),
        "decision": round(manifest.decision, 4),
        "documents_per_second": round(len(gold) / seconds, 2),
        "sha256": manifest.sha256,
    }


def ceiling(gold: dict[str, GoldDocument], lines: dict[str, Any]) -> float:
    """The share of gold relations both ends of which are found, by a span that is right."""
    reached = total = 0
    for key, document in gold.items():
        spans = {(m["start"], m["end"]) for node in lines[key]["nodes"] for m in node["mentions"]}
        found = {m["cluster"] for m in document["mentions"] if (m["start"], m["end"]) in spans}
        relations = document.get("relations", [])
        total += len(relations)
        reached += sum(r["head"] in found and r["tail"] in found for r in relations)
    return round(reached / max(1, total), 4)


def tried(named: str) -> dict[str, Any]:
    """The best epoch of each step of one training, by its log."""
    name, _, folder = named.partition("=")
    steps = {}
    for log in sorted(Path(folder).glob(f"*/{LOG}")):
        rows = [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()]
        steps[log.parent.name] = {**max(rows, key=lambda row: row["f1"]), "epochs": len(rows)}
    return {"name": name, "on_tuning_documents": steps}


def main() -> None:
    """Writes the file and prints the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--tried", nargs="+", default=[], metavar="NAME=DIR")
    parser.add_argument("--documents", default=REPORT)
    args = parser.parse_args()
    report = measured(load(args.gold, args.documents), args.reader)
    result = {"documents": args.documents, "report": report, "tried": [tried(one) for one in args.tried]}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
