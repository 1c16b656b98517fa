"""Measures what RELATION_BACKEND=ollama asks of a server for a model that states all that the labels have.

    OLLAMA_HOST=… RELATION_MODEL=gemma3:4b python scripts/measure_llm.py REDOCRED_DEV.jsonl

writes docs/results/llm.json: calls and tokens, on short documents and on a long one (the short ones in a row). The
answers are made here; their tokens are those that the server counts, which reads all these texts for that: 40,000
tokens. Nothing here measures quality: that is `aegis measure`. What a model itself takes, beside LightRAG, is measured
by ``measure_beside_lightrag.py``.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from llm_gold import inputs, joined, statements
from llm_runs import per_document, rejected, served_model, settings_for

from aegis_pipeline.records import ModelUsage
from aegis_pipeline.relations import load_schema
from aegis_pipeline.relations.llm import build_llm_extractor
from aegis_pipeline.settings import Settings
from aegis_pipeline.training.gold import GoldDocument, Range, load_gold
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "llm.json"
SHORT = 12
"""Documents, and parts of the long one: 2,900 tokens in all."""


def main() -> None:
    """Measure on the documents that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    path = parser.parse_args().gold
    short = load_gold(path, Range(0, SHORT - 1))
    host, model = Settings().ollama_host, Settings().relation_model
    result = {
        "command": f"python scripts/measure_llm.py {path.name}",
        **asyncio.run(served_model()),
        "short documents, answered by the labels": answered_by_labels(short, host, model),
        "a long document, answered by the labels": answered_by_labels([joined(short)], host, model),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def answered_by_labels(gold: Sequence[GoldDocument], host: str, model: str) -> dict[str, Any]:
    """Calls and tokens of a document for a model that states what is labelled, and the share that is then kept."""
    documents, schema = inputs(gold), load_schema()
    labelled = {each.text: each for each in gold}
    answers: list[str] = []

    def answer(body: dict[str, Any]) -> str:
        shown = [json.loads(line) for line in body["messages"][-1]["content"].split("\nDocuments\n")[1].splitlines()]
        lists = {one["document"]: statements(one, labelled, documents, schema) for one in shown}
        answers.append(json.dumps(lists, ensure_ascii=False, separators=(",", ":")))
        return answers[-1]

    with serve(FakeOllama(models=(model,), answer_to=answer)) as fake, tempfile.TemporaryDirectory() as home:
        settings = settings_for(Path(home), ollama_host=fake.url, relation_model=model)
        result = build_llm_extractor(settings, schema).extract(documents)
        asked = ["\n".join(message["content"] for message in body["messages"]) for body in fake.chats]
    used = ModelUsage(len(asked), *(sum(tokens(host, model, text) for text in texts) for texts in (asked, answers)))
    stated = sum(text.count('",9]') for text in answers)
    return {
        "documents": len(gold),
        "tokens of a text": round(sum(tokens(host, model, each.text) for each in gold) / len(gold)),
        **per_document(used, len(gold)),
        "stated": stated,
        "kept": len(result.relations),
        "rejected": rejected(result.outcomes),
    }


def tokens(host: str, model: str, text: str) -> int:
    """Tokens of a text as the server counts them, who reads it for that."""
    options = {"num_predict": 1, "num_ctx": 32768}
    body = {"model": model, "prompt": text, "raw": True, "stream": False, "options": options}
    answer = httpx.post(f"{host}/api/generate", json=body, timeout=None)
    answer.raise_for_status()
    return int(answer.json()["prompt_eval_count"])


if __name__ == "__main__":
    main()
