"""Measures what honest batches give the gates, so that thresholds are chosen with room.

    python scripts/measure_gates.py REDOCRED_DEV.jsonl:450-499 RE3D.jsonl XDOC.jsonl …
    python scripts/measure_gates.py --baseline

The first writes docs/results/gates.json, the second aegis_pipeline/samples/gold/baseline.json. Each file has one
document a line, with ``id`` and ``text``; after a colon the lines to keep. They are read by the models of
the settings and cut into batches of some documents, in the file's order. The reader has not learned from the lines
named above. Only figures are written, no text.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aegis_pipeline import gates
from aegis_pipeline.benchmarks.gold import identity_on_gold, score_on_gold
from aegis_pipeline.documents import sanitize
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.records import Document, Entity
from aegis_pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "aegis_pipeline" / "samples" / "gold"
SIZES = (1, 3, 10, 30)
DRIFT_SIZE = 25
NAMELESS = "Stir the soup slowly until it is warm. Then add some salt and taste it again. " * 20

Figures = dict[str, Any]


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="JSONL files, each with :FROM-TO where not all of it is meant")
    parser.add_argument("--baseline", action="store_true", help="score the samples anew, as what a release must reach")
    arguments = parser.parse_args()
    settings = Settings()
    extractor = ThreePhaseExtractor.from_settings(settings)
    if arguments.baseline:
        return written(GOLD / "baseline.json", score_on_gold(extractor))
    files = [str(GOLD / "identity.jsonl"), *arguments.files]
    corpora = {name_of(file): extractor.extract_documents(documents_of(file)) for file in files}
    return written(
        ROOT / "docs" / "results" / "gates.json",
        {
            "command": " ".join(["python scripts/measure_gates.py", *(Path(file).name for file in arguments.files)]),
            "mention_rate": {name: mention_figures(found, settings) for name, found in corpora.items()},
            "dedup_ratio_bounds": {name: dedup_figures(found, settings) for name, found in corpora.items()},
            "dedup_precision_on_gold": gold_figures(settings),
            "confidence_drift": {name: drift_figures(found, settings) for name, found in corpora.items()},
            "confidence_drift against another corpus": other_corpora(corpora, settings),
            "quality_on_gold": score_on_gold(extractor),
            "small batches": small_batches(extractor, settings),
        },
    )


def written(path: Path, figures: Figures) -> None:
    """As JSON, with a line for each figure."""
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def name_of(file: str) -> str:
    """What the results call it; the samples by their name."""
    return "samples" if Path(file).parent == GOLD else Path(file.split(":")[0]).stem


def documents_of(file: str) -> list[Document]:
    """Its documents, or those of the lines that stand after the colon, counted from 0, both ends included."""
    path, _, lines = file.partition(":")
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    first, last = map(int, lines.split("-")) if lines else (0, len(rows) - 1)
    return [Document(row["id"], row["id"], sanitize(row["text"]), "") for row in rows[first : last + 1]]


def batches(found: Extraction, size: int) -> Iterator[Extraction]:
    """What was found in some documents at a time; entities keep only their mentions there."""
    for first in range(0, len(found.documents), size):
        documents = found.documents[first : first + size]
        own = {document.id for document in documents}
        entities = (replace(e, mentions=tuple(m for m in e.mentions if m.document_id in own)) for e in found.entities)
        yield replace(
            found,
            documents=documents,
            phase1=replace(found.phase1, mentions=tuple(m for m in found.mentions if m.document_id in own)),
            phase2=replace(found.phase2, entities=tuple(entity for entity in entities if entity.mentions)),
            phase3=replace(found.phase3, relations=tuple(r for r in found.relations if r.document_id in own)),
        )


def judged(found: Extraction, sizes: Sequence[int], gate: Any) -> list[Figures]:
    """The evidence of all batches of all sizes that are enough to judge by."""
    evidence = (gate(batch).evidence for size in sizes for batch in batches(found, size))
    return [each for each in evidence if "too_little_to_judge" not in each]


def bounds(evidence: Sequence[Figures], *names: str) -> Figures:
    """The least and the most of each figure."""
    values = {name: [each[name] for each in evidence] for name in names}
    least_and_most = {n: {"least": min(v), "most": max(v)} for n, v in values.items() if v}
    return {"batches judged": len(evidence), **least_and_most}


def mention_verdict(found: Extraction, settings: Settings) -> gates.Verdict:
    """The gate behind phase 1."""
    counts = Counter(mention.document_id for mention in found.mentions)
    rows = [gates.MentionCount(d.id, gates.count_words(d.text), counts[d.id]) for d in found.documents]
    limits = gates.MentionLimits(
        settings.mention_rate_min,
        settings.mention_rate_max,
        settings.max_share_without_mentions,
        settings.mention_rate_words,
    )
    return gates.mention_rate(rows, limits)


def mention_figures(found: Extraction, settings: Settings) -> Figures:
    """Of all batches that are enough to judge by."""
    evidence = judged(found, SIZES, lambda batch: mention_verdict(batch, settings))
    whole = mention_verdict(found, settings).evidence
    return {
        "words": whole["words"],
        **bounds(evidence, "mentions_per_1000_words", "share_without_mentions"),
    }


def dedup_verdict(entities: Sequence[Entity], settings: Settings) -> gates.Verdict:
    """The gate behind phase 2."""
    limits = gates.DedupLimits(
        settings.dedup_ratio_min, settings.dedup_ratio_max, settings.dedup_max_share, settings.dedup_ratio_names
    )
    return gates.dedup_ratio_bounds(gates.EntityNames.of(entities), limits)


def dedup_figures(found: Extraction, settings: Settings) -> Figures:
    """Of all batches that are enough to judge by; and the same where nothing would be joined."""
    evidence = judged(found, SIZES, lambda batch: dedup_verdict(batch.entities, settings))
    apart = judged(found, SIZES[-2:], lambda batch: dedup_verdict(unjoined(batch.entities), settings))
    return {
        **bounds(evidence, "entities_per_name", "largest_share"),
        f"nothing joined, batches of {SIZES[-2]} and {SIZES[-1]} documents": bounds(apart, "entities_per_name"),
    }


def unjoined(entities: Sequence[Entity]) -> list[Entity]:
    """An entity for each mention."""
    return [replace(entity, mentions=(mention,)) for entity in entities for mention in entity.mentions]


def gold_figures(settings: Settings) -> Figures:
    """Phase 2 on the samples' gold mentions."""
    found = identity_on_gold(load_encoder(settings.encoder_model, device=settings.device))
    return gates.dedup_precision_on_gold(found, settings.dedup_precision_min).evidence


def profile(found: Extraction) -> gates.BatchProfile:
    """What drift is measured by."""
    types = Counter(entity.type for entity in found.entities if entity.is_node)
    return gates.BatchProfile(tuple(relation.confidence for relation in found.relations), types)


def drift_figures(found: Extraction, settings: Settings) -> Figures:
    """Each batch of a file against all the others of it."""
    profiles = [profile(batch) for batch in batches(found, DRIFT_SIZE)]
    verdicts = (
        gates.confidence_drift(own, profiles[:k] + profiles[k + 1 :], settings.max_drift, settings.drift_relations)
        for k, own in enumerate(profiles)
    )
    evidence = [verdict.evidence for verdict in verdicts if "too_little_to_judge" not in verdict.evidence]
    return bounds(evidence, "relations", "confidence_stability_index", "type_stability_index")


def other_corpora(corpora: dict[str, Extraction], settings: Settings) -> Figures:
    """Each file as a batch after each other one."""
    found: dict[str, Figures] = defaultdict(dict)
    for name, own in corpora.items():
        for other, before in corpora.items():
            verdict = gates.confidence_drift(profile(own), [profile(before)], settings.max_drift, 20)
            if name != other:
                indexes = ("confidence_stability_index", "type_stability_index")
                found[name][other] = [verdict.evidence[index] for index in indexes]
    return found


def small_batches(extractor: ThreePhaseExtractor, settings: Settings) -> Figures:
    """Batches of which there is little to say: every gate lets them pass."""
    one = documents_of(str(GOLD / "identity.jsonl"))[:1]
    cases = {"no document": [], "one document": one, "a document without names": [Document("a", "a", NAMELESS, "")]}
    return {name: small_batch(extractor.extract_documents(own), settings) for name, own in cases.items()}


def small_batch(found: Extraction, settings: Settings) -> Figures:
    """What each gate says of it."""
    verdicts = {
        "mention_rate": mention_verdict(found, settings),
        "dedup_ratio_bounds": dedup_verdict(found.entities, settings),
        "confidence_drift": gates.confidence_drift(profile(found), [], settings.max_drift, settings.drift_relations),
    }
    return {
        gate: {
            "passed": verdict.passed and not verdict.warning,
            "judged": "too_little_to_judge" not in verdict.evidence,
        }
        for gate, verdict in verdicts.items()
    }


if __name__ == "__main__":
    main()
