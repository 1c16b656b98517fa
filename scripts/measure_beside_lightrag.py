"""Measures what relations by an LLM take beside LightRAG's default extraction, on one server, model and documents.

    OLLAMA_HOST=… RELATION_MODEL=gemma3:4b python scripts/measure_beside_lightrag.py REDOCRED_DEV.jsonl --server-pid PID

writes docs/results/llm-lightrag.json: calls, tokens, seconds, and CPU seconds of the server, of short documents and of
a long one (short ones in a row). Nothing here measures quality: that is `aegis measure`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llm_gold import inputs, joined
from llm_runs import per_document, rejected, served_model, settings_for
from server_time import cpu_seconds

from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.records import Document, ModelUsage, Outcome
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.llm import build_llm_extractor
from aegis_pipeline.settings import Settings
from aegis_pipeline.training.gold import GoldDocument, Range, load_gold

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "llm-lightrag.json"
PATIENCE_SECONDS = 3600
"""For one answer, of either side: a call that ends before its answer would not be counted."""


def main() -> None:
    """Measure on the documents that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--documents", type=int, default=2, help="short ones")
    parser.add_argument("--parts", type=int, default=8, help="short ones that the long one is made of")
    parser.add_argument("--answer-tokens", type=int, default=1024, help="that an answer of either may have")
    parser.add_argument("--server-pid", type=int, required=True, help="process id of the server, on this machine")
    args = parser.parse_args()
    gold = load_gold(args.gold, Range(0, max(args.documents, args.parts) - 1))
    options = f"--documents {args.documents} --parts {args.parts} --answer-tokens {args.answer_tokens} --server-pid PID"
    result: dict[str, Any] = {
        "command": f"python scripts/measure_beside_lightrag.py {args.gold.name} {options}",
        **asyncio.run(served_model()),
        "tokens that an answer may have": args.answer_tokens,
    }
    kinds = {"short documents": gold[: args.documents], "a long document": [joined(gold[: args.parts])]}
    for kind, documents in kinds.items():  # each takes long: what is measured is written
        result[kind] = same_server(documents, args)
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def same_server(gold: Sequence[GoldDocument], args: argparse.Namespace) -> dict[str, Any]:
    """What a document takes of one model by ours and by LightRAG's default extraction; ends here where either lost one:
    its calls would be too few."""
    limits = {"relation_answer_tokens": args.answer_tokens, "legacy_answer_tokens": args.answer_tokens}
    limits |= {"relation_timeout_seconds": PATIENCE_SECONDS, "legacy_timeout_seconds": PATIENCE_SECONDS}
    with tempfile.TemporaryDirectory() as home:
        settings = settings_for(Path(home), legacy_model=Settings().relation_model, **limits)
        documents, extractor = inputs(gold), build_llm_extractor(settings, load_schema())
        with timed(args.server_pid, len(gold)) as our_time:
            ours = extractor.extract(documents)
        print(ours.usage, [str(outcome) for outcome in ours.outcomes], our_time, file=sys.stderr)
        texts = [Document(each.id, f"{each.id}.txt", each.text, each.id) for each in gold]
        with timed(args.server_pid, len(gold)) as their_time:
            theirs = LegacyPipeline.from_settings(settings).update("measured", texts)
        print(theirs, their_time, file=sys.stderr)
    lost = [outcome for outcome in ours.outcomes if outcome.outcome not in (Outcome.OK, Outcome.EMPTY)]
    if lost or theirs.documents.failed:
        sys.exit(f"not comparable: ours lost {lost}, LightRAG {dict(theirs.documents.failed)}")
    usage = ModelUsage(theirs.usage.calls, theirs.usage.prompt_tokens, theirs.usage.answer_tokens)
    return {
        "documents": len(gold),
        "ours": per_document(ours.usage, len(gold)) | our_time,
        "outcomes": [outcome.outcome.value for outcome in ours.outcomes],
        "rejected": rejected(ours.outcomes),
        "LightRAG": per_document(usage, len(gold)) | their_time,
    }


@contextmanager
def timed(server: int, documents: int) -> Iterator[dict[str, float]]:
    """Seconds for each document that the block takes, by the clock and of the server's CPU."""
    clock, cpu = time.perf_counter(), cpu_seconds(server)
    spent: dict[str, float] = {}
    yield spent
    spent["seconds"] = round((time.perf_counter() - clock) / documents, 1)
    spent["CPU seconds of the server"] = round((cpu_seconds(server) - cpu) / documents, 1)


if __name__ == "__main__":
    main()
