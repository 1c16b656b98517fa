"""Measures a trained reader: writes docs/results/reader.json, and draws its curve.

    python scripts/measure_reader.py REDOCRED_DEV.jsonl --reader DIR --gum XDOC_GUM.jsonl --re3d RE3D.jsonl \\
        --tried NAME=RUN [NAME=RUN ...]

DIR is the folder of a reader that was trained on lines of REDOCRED_DEV, RUN that of one `aegis train-reader`, whose
logs say what each step reached. The report is on lines that the reader neither learned from nor was tuned on; others
are refused. Each data set is read with both backends of phase 1. Only figures are written, no text of the documents.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from draw_reader import draw
from reader_elsewhere import gum, re3d, samples
from reader_evidence import evidence
from reader_figures import bands, ceiling, curve, floor, least_precise, precision_at_recall, properties, stated
from reader_runs import Part, extractor, peak_megabytes

from aegis_pipeline.benchmarks.scoring import load
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.reader.files import Manifest, ReaderFiles
from aegis_pipeline.settings import NerBackend, Settings
from aegis_pipeline.training.gold import Range, load_gold
from aegis_pipeline.training.loop import LOG

DOCS = Path(__file__).resolve().parents[1] / "docs"
RESULTS, CURVE = DOCS / "results" / "reader.json", DOCS / "images" / "reader.svg"
REPORT = "400-499"
THREADS = 1


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--documents", default=REPORT, help="of GOLD, both ends included")
    parser.add_argument("--gum", type=Path, required=True)
    parser.add_argument("--re3d", type=Path, required=True)
    parser.add_argument("--tried", nargs="+", default=[], metavar="NAME=RUN")
    args = parser.parse_args()
    torch.set_num_threads(THREADS)
    manifest = ReaderFiles.read(args.reader).manifest
    refuse_seen(manifest, args.gold, args.documents)
    by_reader = extractor(args.reader, NerBackend.READER)
    report = measured(args.gold, args.documents, manifest, by_reader)  # before other models are loaded: its peak counts
    by_spacy = extractor(args.reader, NerBackend.SPACY)
    result = {
        "command": command(args),
        "trained on": manifest.training.model_dump(exclude_none=True),
        "sha256": manifest.sha256,
        "documents": args.documents,
        **report,
        **with_spacy(args.gold, args.documents, manifest, by_spacy),
        "elsewhere": {ner: elsewhere(args, manifest, one) for ner, one in (("reader", by_reader), ("spacy", by_spacy))},
        "tried": [tried(one) for one in args.tried],
    }
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(RESULTS, CURVE)


def least_confidence() -> float:
    """What the graph asks of a relation where no setting says otherwise."""
    default: float = Settings.model_fields["relation_min_confidence"].default
    return default


def refuse_seen(manifest: Manifest, gold: Path, documents: str) -> None:
    """End here where the reader has seen a document that is to be reported on, or where nobody can tell."""
    if sha256_of(gold) != manifest.training.data.sha256:
        sys.exit(f"{gold} is not the {manifest.training.data.name} that the reader was trained on: name that file.")
    wanted = Range.parse(documents)
    for why, part in (("learned from", manifest.training.train), ("was tuned on", manifest.training.tune)):
        seen = Range.parse(part)
        if wanted.first <= seen.last and seen.first <= wanted.last:
            sys.exit(
                f"The reader {why} {part} of {manifest.training.data.name}: a figure on {documents} says nothing of "
                "it. Name other --documents, or a reader that has not seen these."
            )


def command(args: argparse.Namespace) -> str:
    """The command line, by the names of the files."""
    data = f"{args.gold.name} --documents {args.documents} --gum {args.gum.name} --re3d {args.re3d.name}"
    return f"python scripts/measure_reader.py {data} --reader {args.reader.name}"


def measured(path: Path, documents: str, manifest: Manifest, phases: ThreePhaseExtractor) -> dict[str, Any]:
    """Everything that is measured on the labelled documents, relations down to the lowest confidence."""
    tuning, report = Part.of(path, manifest.training.tune, phases), Part.of(path, documents, phases)
    peak, ranked = peak_megabytes(), stated(report)
    kept = [one for one in ranked if one.relation.confidence >= manifest.decision]
    total = sum(len(document["relations"]) for document in report.gold.values())
    return {
        "decision": round(manifest.decision, 4),
        "least confidence": least_confidence(),
        **end_to_end(report, manifest.decision),
        "tuning": {
            "documents": manifest.training.tune,
            **end_to_end(tuning, manifest.decision),
            "least confidence of the wanted precision": least_precise(stated(tuning)),
        },
        "precision at recall": precision_at_recall(ranked, total),
        "curve": curve(ranked, total),
        "calibration": bands(ranked),
        "evidence": evidence(kept, report.run, load_gold(path, Range.parse(documents))),
        "properties": properties(report.gold, kept, load(path, manifest.training.train)),
        "peak megabytes": peak,
    }


def end_to_end(part: Part, decision: float) -> dict[str, Any]:
    """The scorer's figures at both points, and what they cost."""
    return {
        "at the F1 point": part.run.at(decision).scored(part.gold),
        "in the graph": part.run.related(part.gold, least_confidence()),
        "ceiling": ceiling(part),
        "documents a CPU second": round(len(part.gold) / part.run.cpu_seconds, 1),
    }


def with_spacy(path: Path, documents: str, manifest: Manifest, phases: ThreePhaseExtractor) -> dict[str, Any]:
    """The same relation network on the mentions of ``SPACY_MODEL``; and the floor, which needs its finer labels."""
    lines = (manifest.training.train, manifest.training.tune, documents)
    training, tuning, report = (Part.of(path, part, phases) for part in lines)
    return {
        "with spaCy's mentions": end_to_end(report, manifest.decision),
        "floor": floor(training, tuning, report),
    }


def elsewhere(args: argparse.Namespace, manifest: Manifest, phases: ThreePhaseExtractor) -> dict[str, Any]:
    """Texts of other kinds."""
    levels = manifest.decision, least_confidence()
    return {
        args.gum.stem: gum(args.gum, phases, *levels),
        args.re3d.stem: re3d(args.re3d, phases, *levels),
        "samples": samples(phases, *levels),
    }


def tried(named: str) -> dict[str, Any]:
    """The best epoch of each step of one training, by its log."""
    name, _, folder = named.partition("=")
    steps = {}
    for log in sorted(Path(folder).glob(f"*/{LOG}")):
        rows = [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()]
        steps[log.parent.name] = {**max(rows, key=lambda row: row["f1"]), "epochs": len(rows)}
    return {"name": name, "on the tuning documents": steps}


if __name__ == "__main__":
    main()
