"""Taggers for mentions as they are at inference: each document is read by a tagger that has not seen it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.training.gold import GoldDocument
from aegis_pipeline.training.tagger_training import TAGGER_SCHEDULE, tagged_texts, train_tagger

FOLD_SCHEDULE = replace(TAGGER_SCHEDULE, epochs=8)


def fold_of(index: int, folds: int) -> int:
    """The fold that holds the document at that place: neighbours in the file go to different folds."""
    return index % folds


def fold_folder(fold: int, folds: int) -> str:
    """Where the tagger that has not seen that fold lies in the folder of a training."""
    return f"fold-{fold}-of-{folds}"


def train_fold_taggers(
    gold: Sequence[GoldDocument],
    tuning: Sequence[GoldDocument],
    tokenizer: ReaderTokenizer,
    folder: Path,
    folds: int,
    chunk_tokens: int,
    seed: int = 1,
    device: str = "cpu",
) -> list[Path]:
    """One tagger a fold, trained on all the other folds; the files of their weights."""
    held_in = [[d for k, d in enumerate(gold) if fold_of(k, folds) != fold] for fold in range(folds)]
    tune = tagged_texts(tuning, tokenizer, chunk_tokens)
    return [
        train_tagger(
            tagged_texts(documents, tokenizer, chunk_tokens),
            tune,
            tokenizer,
            folder / fold_folder(fold, folds),
            replace(FOLD_SCHEDULE, seed=seed),
            device,
        )
        for fold, documents in enumerate(held_in)
    ]
