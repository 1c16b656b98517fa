"""Training the tagger: chunks of labelled documents in, a network out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from aegis_pipeline.documents import chunk_documents
from aegis_pipeline.reader.backbone import token_batch
from aegis_pipeline.reader.encoder import new_backbone
from aegis_pipeline.reader.labels import TYPES, TypedSpan, to_marks
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer, Tokens
from aegis_pipeline.records import Document
from aegis_pipeline.training.gold import GoldDocument, tight_mentions
from aegis_pipeline.training.loop import BEST, Lesson, Schedule, train

TAGGER_SCHEDULE = Schedule(epochs=10, batch_size=8, encoder_rate=3e-4, head_rate=2e-3, patience=3)
IGNORED = -100
"""What cross entropy passes over: special tokens, padding, and pieces that do not begin a word."""


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A chunk of a document, its pieces, and where its names are (characters)."""

    text: str
    tokens: Tokens
    spans: tuple[TypedSpan, ...]


def tagged_texts(gold: Sequence[GoldDocument], tokenizer: ReaderTokenizer, chunk_tokens: int) -> list[TaggedText]:
    """Labelled documents in the chunks that the pipeline makes of them; a name that a chunk cuts is left out."""

    def count(texts: Sequence[str]) -> list[int]:
        return [len(tokenizer.read(text)) + 2 for text in texts]

    mentions = {document.id: tight_mentions(document) for document in gold}
    chunks = chunk_documents([Document(d.id, d.id, d.text, "") for d in gold], count, chunk_tokens)
    return [
        TaggedText(
            chunk.text,
            tokenizer.read(chunk.text),
            tuple(
                (span.start - chunk.span.start, span.end - chunk.span.start, TYPES.index(mention.type))
                for span, mention in mentions[chunk.document_id]
                if chunk.span.start <= span.start and span.end <= chunk.span.end
            ),
        )
        for chunk in chunks
    ]


def target_marks(text: TaggedText) -> list[int]:
    """A mark for each piece that begins a word, ``IGNORED`` for the others; a name has the words that it touches."""
    firsts = [k for k, begins in enumerate(text.tokens.begins) if begins]
    starts = [text.tokens.spans[k][0] for k in firsts]
    ends = [text.tokens.spans[k - 1][1] for k in [*firsts[1:], len(text.tokens)]] if firsts else []
    words: list[TypedSpan] = []
    for start, end, kind in text.spans:
        touched = [w for w in range(len(firsts)) if starts[w] < end and start < ends[w]]
        if touched and not (words and words[-1][1] > touched[0]):
            words.append((touched[0], touched[-1] + 1, kind))
    marks = [IGNORED] * len(text.tokens)
    for k, mark in zip(firsts, to_marks(words, len(firsts)), strict=True):
        marks[k] = mark
    return marks


def train_tagger(
    texts: Sequence[TaggedText],
    tuning: Sequence[TaggedText],
    tokenizer: ReaderTokenizer,
    folder: Path,
    schedule: Schedule = TAGGER_SCHEDULE,
    device: str = "cpu",
) -> Path:
    """Train on ``texts`` until the span F1 on ``tuning`` grows no more. Returns the file of the best weights."""
    torch.manual_seed(schedule.seed)
    network = TaggerNetwork(new_backbone())

    def loss(batch: Sequence[TaggedText]) -> Tensor:
        logits = network(token_batch([text.tokens for text in batch], tokenizer).to(device))
        targets = torch.full(logits.shape[:2], IGNORED)
        for row, text in enumerate(batch):
            targets[row, 1 : len(text.tokens) + 1] = torch.tensor(target_marks(text))
        return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten().to(device), ignore_index=IGNORED)

    def figures() -> dict[str, float]:
        return span_figures(tuning, Tagger(network, tokenizer, device))

    lesson = Lesson(lambda _: texts, loss, lambda text: len(text.tokens), figures, decisive="f1")
    train(network, lesson, schedule, folder, device)
    return folder / BEST


def span_figures(texts: Sequence[TaggedText], tagger: Tagger) -> dict[str, float]:
    """Precision, recall and F1 of spans without their types, and F1 with them."""
    found = tagger.tag([text.text for text in texts])
    right = sum(len({s[:2] for s in got} & {s[:2] for s in text.spans}) for got, text in zip(found, texts, strict=True))
    typed = sum(len(set(got) & set(text.spans)) for got, text in zip(found, texts, strict=True))
    got, want = sum(map(len, found)), sum(len(text.spans) for text in texts)
    return {
        "p": right / max(1, got),
        "r": right / max(1, want),
        "f1": 2 * right / max(1, got + want),
        "typed_f1": 2 * typed / max(1, got + want),
    }
