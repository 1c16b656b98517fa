"""Measures what RELATION_BACKEND=ollama asks of a server, beside LightRAG's own extraction.

    OLLAMA_HOST=… RELATION_MODEL=gemma3:4b python scripts/measure_llm.py REDOCRED_DEV.jsonl

writes docs/results/llm.json: calls, tokens and seconds on the same documents, server and model; and, since a small
model answers little or too much, calls and tokens for a model that states all that the labels have, on short documents
and on a long one (the short ones in a row). Its answers are made here; their tokens are those that the server counts,
which reads all these texts for that: 40,000 tokens. Nothing here measures quality.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.models import load_encoder
from aegis_pipeline.models.llm_servers import find_ollama_model
from aegis_pipeline.pipeline.extraction import relation_inputs
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.reader.labels import LABELS, TYPES
from aegis_pipeline.records import Chunk, Document, Entity, Mention, ModelUsage, RelationInput
from aegis_pipeline.relations import RelationSchema, load_schema
from aegis_pipeline.relations.llm import build_llm_extractor
from aegis_pipeline.settings import RelationBackend, Settings
from aegis_pipeline.training.gold import GoldDocument, GoldMention, GoldRelation, Range, load_gold, tight_mentions
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama, serve

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "llm.json"
SHORT = 12
"""Documents answered by the labels, and parts of the long one: 2,900 tokens in all."""
QUOTED_WORDS = 5


def main() -> None:
    """Measure on the documents that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--documents", type=int, default=4, help="for the comparison with LightRAG")
    parser.add_argument("--answer-tokens", type=int, default=1024, help="that an answer of either may have there")
    args = parser.parse_args()
    gold = load_gold(args.gold, Range(0, max(SHORT, args.documents) - 1))
    short = gold[:SHORT]
    host, model = Settings().ollama_host, Settings().relation_model
    options = ["--documents", str(args.documents), "--answer-tokens", str(args.answer_tokens)]
    result = {
        "command": " ".join(["python scripts/measure_llm.py", args.gold.name, *options]),
        "model": model,
        "digest": asyncio.run(find_ollama_model(host, model, "RELATION_MODEL")),
        "short documents, answered by the labels": answered_by_labels(short, host, model),
        "a long document, answered by the labels": answered_by_labels([joined(short)], host, model),
        "same server": same_server(gold[: args.documents], args.answer_tokens),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def joined(documents: Sequence[GoldDocument]) -> GoldDocument:
    """One long document, whose things are those of its parts."""
    text, mentions, relations, sents = "", [], [], []
    for number, part in enumerate(documents):
        moved, base, first = len(text), number * 1000, len(sents)
        sents += [(start + moved, end + moved) for start, end in part.sents]
        mentions += [
            GoldMention(start=m.start + moved, end=m.end + moved, type=m.type, cluster=m.cluster + base)
            for m in part.mentions
        ]
        relations += [
            GoldRelation(head=r.head + base, tail=r.tail + base, pid=r.pid, evidence=[e + first for e in r.evidence])
            for r in part.relations
        ]
        text += part.text + "\n\n"
    return GoldDocument(id=documents[0].id, text=text, sents=sents, mentions=mentions, relations=relations)


def inputs(gold: Sequence[GoldDocument]) -> list[RelationInput]:
    """The documents with their labelled names, as phases 1 and 2 would give them."""
    settings = Settings()
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    documents = [Document(each.id, each.id, each.text, each.id) for each in gold]
    chunks = chunk_documents(documents, encoder.count_tokens, settings.chunk_tokens)
    mentions = {each.id: dict(_mentions(each, [c for c in chunks if c.document_id == each.id])) for each in gold}
    entities = [entity for each in gold for entity in _entities(each.id, mentions[each.id])]
    return relation_inputs(documents, chunks, [m for own in mentions.values() for m in own], entities)


def _mentions(gold: GoldDocument, chunks: Sequence[Chunk]) -> Iterator[tuple[Mention, int]]:
    places = [(chunk.id, sentence) for chunk in chunks for sentence in chunk.sentences]
    for span, mention in tight_mentions(gold):
        label = LABELS[TYPES.index(mention.type)]
        for number, (chunk, sentence) in enumerate(places):
            if sentence.start <= span.start and span.end <= sentence.end and label != "CARDINAL":
                text = gold.text[span.start : span.end]
                yield Mention(gold.id, chunk, number, span, text, label, type_of(label), "gold"), mention.cluster


def _entities(document: str, cluster_of: dict[Mention, int]) -> Iterator[Entity]:
    for cluster in sorted(set(cluster_of.values())):
        own = tuple(mention for mention, found in cluster_of.items() if found == cluster)
        name = f"{document} {cluster}"
        yield Entity(name, name, own[0].text, own[0].type, (), own)


def answered_by_labels(gold: Sequence[GoldDocument], host: str, model: str) -> dict[str, Any]:
    """Calls and tokens of a document for a model that states what is labelled, and the share that is then kept."""
    documents, schema = inputs(gold), load_schema()
    labelled = {each.text: each for each in gold}
    answers: list[str] = []

    def answer(body: dict[str, Any]) -> str:
        shown = [json.loads(line) for line in body["messages"][-1]["content"].split("\nDocuments\n")[1].splitlines()]
        lists = {one["document"]: _statements(one, labelled, documents, schema) for one in shown}
        answers.append(json.dumps(lists, ensure_ascii=False, separators=(",", ":")))
        return answers[-1]

    with serve(FakeOllama(models=(model,), answer_to=answer)) as fake, tempfile.TemporaryDirectory() as home:
        settings = _settings(Path(home), ollama_host=fake.url, relation_model=model)
        result = build_llm_extractor(settings, schema).extract(documents)
        asked = ["\n".join(message["content"] for message in body["messages"]) for body in fake.chats]
    used = ModelUsage(len(asked), *(sum(_tokens(host, model, text) for text in texts) for texts in (asked, answers)))
    stated = sum(text.count('",9]') for text in answers)
    return {
        "documents": len(gold),
        "tokens of a text": round(sum(_tokens(host, model, each.text) for each in gold) / len(gold)),
        **_per_document(used, len(gold)),
        "stated": stated,
        "kept": len(result.relations),
        "rejected": {r.reason: r.count for outcome in result.outcomes for r in outcome.rejected},
    }


def _statements(
    shown: dict[str, Any], labelled: dict[str, GoldDocument], documents: Sequence[RelationInput], schema: RelationSchema
) -> list[list[Any]]:
    """What the labels state of what is shown, in the form that is asked for."""
    gold = next(each for text, each in labelled.items() if shown["text"] in text)
    document = next(each for each in documents if each.document_id == gold.id)
    offset = gold.text.index(shown["text"])
    entities: dict[str, int] = {}
    for mention in document.mentions:
        if offset <= mention.span.start < offset + len(shown["text"]):
            entities.setdefault(document.entity_of[mention.id], len(entities) + 1)
    stated = []
    for relation in gold.relations:
        predicate = schema.by_pid.get(relation.pid)
        ends = [entities.get(f"{gold.id} {cluster}") for cluster in (relation.head, relation.tail)]
        if predicate and None not in ends and schema.kept(predicate) is predicate:
            start, end = gold.sents[min(relation.evidence, default=0)]
            quote = " ".join(gold.text[start:end].split()[:QUOTED_WORDS])
            stated.append([ends[0], predicate.key, ends[1], quote, 9])
    return stated


def same_server(gold: Sequence[GoldDocument], answer_tokens: int) -> dict[str, Any]:
    """Calls, tokens and seconds of a document, of ours and of LightRAG's default extraction, by one model."""
    with tempfile.TemporaryDirectory() as home:
        limits = {"relation_answer_tokens": answer_tokens, "legacy_answer_tokens": answer_tokens}
        settings = _settings(Path(home), legacy_model=Settings().relation_model, **limits)
        documents, extractor = inputs(gold), build_llm_extractor(settings, load_schema())
        clock = time.perf_counter()
        ours = extractor.extract(documents)
        middle = time.perf_counter()
        texts = [Document(each.id, f"{each.id}.txt", each.text, each.id) for each in gold]
        theirs = LegacyPipeline.from_settings(settings).update("measured", texts).usage
        end = time.perf_counter()
    usage = ModelUsage(theirs.calls, theirs.prompt_tokens, theirs.answer_tokens)
    return {
        "documents": len(gold),
        "tokens that an answer may have": answer_tokens,
        "ours": _per_document(ours.usage, len(gold)) | {"seconds": round((middle - clock) / len(gold), 1)},
        "outcomes": [outcome.outcome.value for outcome in ours.outcomes],
        "LightRAG": _per_document(usage, len(gold)) | {"seconds": round((end - middle) / len(gold), 1)},
    }


def _per_document(usage: ModelUsage, documents: int) -> dict[str, float]:
    return {
        "calls": round(usage.calls / documents, 2),
        "prompt tokens": round(usage.prompt_tokens / documents),
        "answer tokens": round(usage.answer_tokens / documents),
    }


def _settings(home: Path, **own: Any) -> Settings:
    return Settings().model_copy(update={"aegis_home": home, "relation_backend": RelationBackend.OLLAMA, **own})


def _tokens(host: str, model: str, text: str) -> int:
    """Tokens of a text as the server counts them, who reads it for that."""
    options = {"num_predict": 1, "num_ctx": 32768}
    body = {"model": model, "prompt": text, "raw": True, "stream": False, "options": options}
    answer = httpx.post(f"{host}/api/generate", json=body, timeout=None)
    answer.raise_for_status()
    return int(answer.json()["prompt_eval_count"])


if __name__ == "__main__":
    main()
