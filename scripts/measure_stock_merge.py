"""Measures our deduplication and graph beside stock LightRAG's, on the same extraction and the same documents.

    python scripts/measure_stock_merge.py [DOCUMENTS]       writes docs/results/stock-merge.json

LightRAG ingests the documents as it comes, and where it asks its LLM, it gets what our phases 1 and 3 found in the
chunk, in its own format, at no cost: what is compared is what either makes of one extraction. LightRAG joins equal
names; phase 2 joins mentions. Documents are generated (docs/benchmarks.md), so that what they tell is known. Seconds
are from the extraction to the written graph, phase 2 included in ours; ratios hold from machine to machine.
"""

import json
import platform
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from aegis_pipeline.benchmarks.arms import arm_figures
from aegis_pipeline.benchmarks.worlds import Scenario, documents_of
from aegis_pipeline.graph import EmbeddedGraphStore, contribute
from aegis_pipeline.models import load_encoder
from aegis_pipeline.pipeline.comparing import ArmResult, legacy_result, three_phase_arm
from aegis_pipeline.pipeline.extraction import Extraction, ThreePhaseExtractor
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.legacy_llm import Usage
from aegis_pipeline.records import Document, Mention
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "stock-merge.json"
REPEATS, SEED, BATCH = 3, 1, "benchmark"
_ASKED = re.compile(r"---Input Text---\n```\n(.*)\n```\n\n---Output---", re.DOTALL)
_FIELD, _DONE = "<|#|>", "<|COMPLETE|>"


@dataclass(frozen=True, slots=True)
class OurFindings:
    """Stands where LightRAG has its LLM, and answers with our extraction."""

    found: Extraction

    async def check(self) -> str:
        """Always there."""
        return "our extraction"

    async def complete(self, usage: Usage, prompt: str, **_: Any) -> str:
        """What we found in the chunk that the prompt ends with; nothing more where it is asked again."""
        usage.calls += 1
        asked = _ASKED.search(prompt)
        return "\n".join([*(self._lines(asked[1]) if asked else ()), _DONE])

    def _lines(self, chunk: str) -> Iterator[str]:
        """Names as they stand in the chunk: who is who is for the merge to find."""
        document = next(document for document in self.found.documents if chunk in document.text)
        start = document.text.index(chunk)
        types = {m.id: entity.type for entity in self.found.entities if entity.is_node for m in entity.mentions}
        own = [m for m in self.found.mentions if m.document_id == document.id and m.id in types]
        inside = [m for m in own if start <= m.span.start and m.span.end <= start + len(chunk)]
        for mention in inside:
            yield _FIELD.join(("entity", mention.text, types[mention.id], f"{mention.text} is named here."))
        names = self._names(inside)
        for relation in self.found.relations:
            at_home = relation.document_id == document.id and start <= relation.evidence.start < start + len(chunk)
            if at_home and relation.head in names and relation.tail in names:
                ends = (names[relation.head], names[relation.tail])
                yield _FIELD.join(("relation", *ends, relation.predicate, f"{ends[0]} {relation.predicate} {ends[1]}."))

    def _names(self, inside: Sequence[Mention]) -> dict[str, str]:
        texts = {mention.id: mention.text for mention in inside}
        return {
            entity.id: texts[mention.id]
            for entity in self.found.entities
            for mention in reversed(entity.mentions)
            if mention.id in texts
        }


def main() -> None:
    """Measure both in turn, and write the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    labelled = {document["id"]: document for document in documents_of(Scenario("peers", count, (100, 500)), SEED)}
    documents = [Document(key, key, document["text"], "") for key, document in labelled.items()]
    settings = Settings()
    extractor = ThreePhaseExtractor.from_settings(settings)
    found = extractor.extract_documents(documents)
    arms: dict[str, Callable[[Path], ArmResult]] = {
        "ours": lambda home: ours(settings, extractor, found, home),
        "stock LightRAG": lambda home: stock(settings, found, home),
    }
    measured = {name: [_timed(arm) for _ in range(REPEATS)] for name, arm in arms.items()}
    rows = {name: _row(labelled, runs) for name, runs in measured.items()}
    seconds = {name: row["seconds"] for name, row in rows.items()}
    result = {
        "command": shlex.join(["python", "scripts/measure_stock_merge.py", *sys.argv[1:]]),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, Python {platform.python_version()}",
        "documents": count,
        "words": sum(len(document.text.split()) for document in documents),
        "seed": SEED,
        "repeats": REPEATS,
        **rows,
        "stock over ours, seconds": round(seconds["stock LightRAG"] / seconds["ours"], 2),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def ours(settings: Settings, extractor: ThreePhaseExtractor, found: Extraction, home: Path) -> ArmResult:
    """Phase 2 again, and the graph."""
    from aegis_pipeline.entities import link_mentions

    paths = {document.id: document.path for document in found.documents}
    link_mentions(found.mentions, extractor.encode_names, extractor.same_names, extractor.overrides, paths)
    parts = (found.documents, found.chunks, found.entities, found.relations)
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    store = EmbeddedGraphStore(home / "graph", encoder, settings.extraction_batch_size)
    store.write(contribute(BATCH, *parts, load_schema()))
    store.close()
    return three_phase_arm(*parts)


def stock(settings: Settings, found: Extraction, home: Path) -> ArmResult:
    """LightRAG's ingest, from chunks to its files."""
    own = settings.model_copy(update={"aegis_home": home})
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    pipeline = LegacyPipeline(own, encoder, OurFindings(found))
    failed = pipeline.update(BATCH, found.documents).documents.failed
    if failed:
        sys.exit(f"LightRAG could not ingest {len(failed)} documents: {next(iter(failed.values()))}")
    return legacy_result(BATCH, pipeline.documents(BATCH))


def _timed(arm: Callable[[Path], ArmResult]) -> tuple[float, float, ArmResult]:
    with tempfile.TemporaryDirectory() as home:
        wall, cpu = time.perf_counter(), time.process_time()
        result = arm(Path(home))
        return time.perf_counter() - wall, time.process_time() - cpu, result


def _row(labelled: Any, runs: Sequence[tuple[float, float, ArmResult]]) -> dict[str, Any]:
    walls, cpus, results = zip(*runs, strict=True)
    figures = arm_figures(labelled, results[-1].documents)
    kinds = {"names": "ner_span", "identity": "pairwise", "related pairs": "rel_pair"}
    return {
        "seconds": round(median(walls), 2),
        "seconds of each": [round(wall, 2) for wall in walls],
        "CPU seconds": round(median(cpus), 2),
        "nodes": len(results[-1].entities),
        "related": len(results[-1].relations),
        **{name: {k: figures[key][k] for k in ("tp", "fp", "fn", "p", "r", "f1")} for name, key in kinds.items()},
    }


if __name__ == "__main__":
    main()
