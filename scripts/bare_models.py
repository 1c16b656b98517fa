"""What the models alone take for what a job gave them: recorded while the job runs, then asked again with nothing else.

Reaches into the package where it calls a network; a benchmark may.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from aegis_pipeline.mentions.pipelines import mention_pipeline
from aegis_pipeline.models import Encoder
from aegis_pipeline.reader.backbone import token_batch
from aegis_pipeline.reader.layout import layout_of, marks_of
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.windows import Window
from aegis_pipeline.records import Chunk
from aegis_pipeline.settings import Settings


@dataclass(slots=True)
class Asked:
    """What the networks read in a job."""

    batches: list[tuple[Encoder, list[str]]] = field(default_factory=list)
    windows: list[tuple[RelationReader, Window]] = field(default_factory=list)


@contextmanager
def recorded() -> Iterator[Asked]:
    """Everything that the encoder and the relation network are given inside."""
    asked = Asked()

    def encode(own: Encoder, texts: Sequence[str], device: str | None = None) -> Any:
        asked.batches.append((own, list(texts)))
        return encodes(own, texts, device)

    def read(own: RelationReader, window: Window, *rest: Any) -> Any:
        asked.windows.append((own, window))
        return reads(own, window, *rest)

    encodes: Callable[..., Any] = Encoder._encode
    reads: Callable[..., Any] = RelationReader._read
    Encoder._encode, RelationReader._read = encode, read  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Encoder._encode, RelationReader._read = encodes, reads  # type: ignore[method-assign]


def bare_seconds(asked: Asked, chunks: Sequence[Chunk], settings: Settings) -> dict[str, float]:
    """Seconds of each model on the same inputs: spaCy with the tagger, the relation network, the encoder."""
    nlp = mention_pipeline(settings)
    seconds = {}
    started = time.perf_counter()
    for _ in nlp.pipe((chunk.text for chunk in chunks), batch_size=settings.extraction_batch_size):
        pass
    seconds["spaCy and tagger"] = time.perf_counter() - started
    started = time.perf_counter()
    with torch.inference_mode():
        for reader, window in asked.windows:
            batch = token_batch([window.tokens], reader._tokenizer, [marks_of(window)])
            for parts in reader._network.in_parts(batch, [layout_of(window)]):
                list(parts)
    seconds["relation network"] = time.perf_counter() - started
    started = time.perf_counter()
    for encoder, texts in asked.batches:
        encoder._encode(texts)
    seconds["encoder"] = time.perf_counter() - started
    return {name: round(value, 2) for name, value in seconds.items()}
