"""Measures how fast the main job is, beside its models alone on the same inputs, and bare ``nlp.pipe``.

    python scripts/measure_speed.py GOLD [DOCUMENTS]       writes docs/results/speed.json

GOLD is a JSONL file with ``text`` in each line, for example xdoc_docred_qcode.jsonl; its texts are written out as .txt
files and go through every phase. On texts that the reader learned from it states more than elsewhere. Models are loaded
before the clock starts. Ratios hold from machine to machine, seconds do not.
"""

import json
import platform
import shlex
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from bare_models import bare_seconds, recorded

from aegis_pipeline.documents import chunk_documents, read_folder
from aegis_pipeline.graph import EmbeddedGraphStore, contribute
from aegis_pipeline.models import load_encoder, load_spacy
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.records import Chunk, Document
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "speed.json"
DOCUMENTS = 480


def main() -> None:
    """Measure the job and its largest part."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    settings = Settings()
    extractor = ThreePhaseExtractor.from_settings(settings)
    extractor.extract(texts[0])
    texts = texts[: int(sys.argv[2])] if len(sys.argv) > 2 else texts[:DOCUMENTS]
    with recorded() as asked:
        full = job(settings, extractor, texts)
    bare = bare_seconds(asked, chunks_of(settings, texts), settings)
    result = {
        "command": shlex.join(["python", "scripts/measure_speed.py", Path(sys.argv[1]).name, *sys.argv[2:]]),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, Python {platform.python_version()}",
        "job": full,
        "models alone": bare,
        "job over its models": round(full["seconds"]["all"] / sum(bare.values()), 2),
        "bare nlp.pipe": bare_pipe(settings, texts),
        "encoder": encoder_precision(settings, texts),
    }
    result["job over bare nlp.pipe"] = round(full["seconds"]["all"] / result["bare nlp.pipe"]["seconds"], 2)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def job(settings: Settings, extractor: ThreePhaseExtractor, texts: list[str]) -> dict[str, Any]:
    """Seconds of each phase over ``texts`` as files, graph and its read-back included, and words a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "documents"
        folder.mkdir()
        for number, text in enumerate(texts):
            (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        documents = read_folder(folder, settings).documents
        read = time.perf_counter() - started
        found = extractor.extract_documents(documents)
        contribution = contribute("speed", documents, found.chunks, found.entities, found.relations, load_schema())
        encoder = load_encoder(settings.encoder_model, device=settings.device)
        store = EmbeddedGraphStore(Path(name) / "graph", encoder, settings.extraction_batch_size)
        clock = time.perf_counter()
        store.write(contribution)
        wrote = time.perf_counter() - clock
        store.counts(contribution)
        checked = time.perf_counter() - clock - wrote
        store.close()
        total = time.perf_counter() - started
    words = sum(len(text.split()) for text in texts)
    seconds = {"documents": read, **found.seconds, "graph": wrote, "read back": checked, "all": total}
    return {
        "documents": len(documents),
        "words": words,
        "entities": len(contribution.names),
        "relations": len(found.relations),
        "seconds": {phase: round(value, 2) for phase, value in seconds.items()},
        "words per second": round(words / total),
    }


def encoder_precision(settings: Settings, texts: list[str]) -> dict[str, Any]:
    """The encoder in float32 and, where this CPU has it, in bfloat16: time, and how near the vectors are."""
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    sentences = [sentence for text in texts[:100] for sentence in text.split(". ")]
    used, vectors, seconds = encoder.bfloat16, {}, {}
    for precision in {False, used}:
        encoder.bfloat16 = precision
        started = time.perf_counter()
        vectors[precision] = encoder.encode(sentences, settings.extraction_batch_size)
        seconds[precision] = time.perf_counter() - started
    encoder.bfloat16 = used
    cosines = (vectors[False] * vectors[used]).sum(axis=1)
    return {
        "bfloat16": used,
        "times as fast as float32": round(seconds[False] / seconds[used], 2),
        "least cosine to float32": round(float(cosines.min()), 5),
    }


def bare_pipe(settings: Settings, texts: list[str]) -> dict[str, Any]:
    """``nlp.pipe`` over the same chunks and nothing else."""
    chunks = chunks_of(settings, texts)
    nlp = load_spacy(settings.spacy_model, device=settings.device)
    started = time.perf_counter()
    for _ in nlp.pipe((chunk.text for chunk in chunks), batch_size=settings.extraction_batch_size):
        pass
    seconds = time.perf_counter() - started
    words = sum(len(text.split()) for text in texts)
    return {"seconds": round(seconds, 2), "words per second": round(words / seconds)}


def chunks_of(settings: Settings, texts: list[str]) -> list[Chunk]:
    """The chunks that phase 1 reads."""
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    documents = [Document(str(number), str(number), text, "") for number, text in enumerate(texts)]
    return list(chunk_documents(documents, encoder.count_tokens, settings.chunk_tokens))


if __name__ == "__main__":
    main()
