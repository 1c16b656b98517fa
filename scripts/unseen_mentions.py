"""Phase 1 of the reader on documents that a training was made with: no tagger reads what it learned from."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from aegis_pipeline.benchmarks.scoring import load
from aegis_pipeline.mentions import SpacyMentionExtractor, read_pipeline
from aegis_pipeline.mentions.results import joined
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.reader.files import ReaderFiles
from aegis_pipeline.records import Chunk, MentionResult
from aegis_pipeline.settings import Settings
from aegis_pipeline.training.folds import fold_folder, fold_of
from aegis_pipeline.training.gold import Range
from aegis_pipeline.training.loop import BEST


class UnseenExtractor:
    """The taggers of one finished ``aegis train-reader``: of its folds for the lines that it was trained on, and the
    one of all these lines for everything else. (The lines that it was tuned on decided when each of them stopped.)"""

    version = "measured, never kept"

    def __init__(self, run: Path, data: Path, settings: Settings) -> None:
        """``run`` is the folder of the training, ``data`` the file that it was made with.

        Raises:
            SystemExit: it was made with another file.
        """
        training = ReaderFiles.read(run / "reader").manifest.training
        if training.data.sha256 != sha256_of(data):
            raise SystemExit(f"{run} was trained on another file than {data}: its taggers may have seen any document.")
        self._run, self._folds, self._spacy_model = run, training.folds, settings.spacy_model
        self._train = Range.parse(training.train)
        self._line = {name: line for line, name in enumerate(load(data))}

    @property
    def model(self) -> str:
        """Who reads what."""
        return (
            f"{self._spacy_model} + the reader; lines {self._train} are read by {self._folds} fold taggers that have "
            "not learned from them, all else by the tagger of these lines"
        )

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        """Mentions and outcomes of whole documents, in the order of the taggers."""
        by_tagger: dict[Path, list[Chunk]] = defaultdict(list)
        for chunk in chunks:
            by_tagger[self._tagger(chunk.document_id)].append(chunk)
        return joined(_extractor(self._spacy_model, weights).extract(group) for weights, group in by_tagger.items())

    def _tagger(self, document_id: str) -> Path:
        line = self._line.get(document_id, self._train.last + 1)
        if self._train.first <= line <= self._train.last:
            return self._run / fold_folder(fold_of(line - self._train.first, self._folds), self._folds) / BEST
        return self._run / "tagger" / BEST


@lru_cache(maxsize=8)
def _extractor(spacy_model: str, weights: Path) -> SpacyMentionExtractor:
    return SpacyMentionExtractor(read_pipeline(spacy_model, weights, device="cpu"))
