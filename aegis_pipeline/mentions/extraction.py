"""Phase 1 as the pipeline uses it: one interface, models first, and the regex tagger in the open where they fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from aegis_pipeline.errors import AegisError, ModelError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.mentions.glossary import load_glossary
from aegis_pipeline.mentions.pipelines import mention_pipeline
from aegis_pipeline.mentions.regex_extractor import RegexMentionExtractor
from aegis_pipeline.mentions.results import by_document, joined
from aegis_pipeline.mentions.spacy_extractor import SpacyMentionExtractor
from aegis_pipeline.models.gpu_memory import texts_at_once
from aegis_pipeline.models.loading import CACHE
from aegis_pipeline.records import Chunk, MentionResult, Outcome, PhaseOutcome
from aegis_pipeline.settings import Settings

Result = TypeVar("Result")

_log = event_log(__name__)


class MentionExtractor(Protocol):
    """Chunks of whole documents in; mentions and an outcome for each document out.

    ``version`` goes into the keys of what is kept: it changes whenever the same chunks could give another result.
    """

    @property
    def version(self) -> str:
        """Changes with everything that the result depends on: code, model, glossary, settings."""

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        """Mentions in the order of the chunks; a document's chunks follow each other."""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str


class FallbackMentionExtractor:
    """Tries the primary; where it cannot be loaded or fails, ``fallback`` serves, and the outcome says so.

    Without a fallback that is a ``ModelError`` that names the document. When a batch fails it is tried again document
    by document: one bad document does not cost the others their labels.
    """

    def __init__(self, load_primary: Callable[[], MentionExtractor], fallback: MentionExtractor | None) -> None:
        self._load_primary = load_primary
        self._primary: MentionExtractor | None = None
        self._fallback = fallback

    @property
    def version(self) -> str:
        """The primary's, which is loaded for it; the fallback's where that fails.

        Raises:
            ModelError: it fails, and there is no fallback.
        """
        version = self._attempt(lambda primary: primary.version)
        return self._instead(version.reason).version if isinstance(version, _Failure) else version

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        """As the primary extractor, or with ``Outcome.DEGRADED`` and the reason for the documents it failed on.

        Raises:
            ModelError: it failed on one, and there is no fallback.
        """
        whole = self._attempt(lambda primary: primary.extract(chunks))
        if not isinstance(whole, _Failure):
            return whole
        documents = by_document(chunks)
        if self._primary is None or len(documents) == 1:
            return self._degraded(chunks, reason=whole.reason)
        return joined(self.extract(document) for document in documents)

    def forget(self) -> None:
        """Keep the primary no longer, so that its memory can be freed; the next use loads it again."""
        self._primary = None

    def _attempt(self, work: Callable[[MentionExtractor], Result]) -> "Result | _Failure":
        """What the primary gives, or why it gives nothing."""
        try:
            if self._primary is None:
                self._primary = self._load_primary()
                CACHE.kept_by("mentions", self.forget)
            return work(self._primary)
        except Exception as error:  # noqa: BLE001 - the phase's boundary: any failure of a model degrades in the open
            return _Failure(_reason(error))

    def _degraded(self, chunks: Sequence[Chunk], *, reason: str) -> MentionResult:
        result = self._instead(reason, chunks).extract(chunks)
        _log.warning(Event.SPACY_NER_FAILED, document_ids=[o.document_id for o in result.outcomes], reason=reason)
        detail = f"regex tagger, because the model failed: {reason}"
        outcomes = (PhaseOutcome(o.document_id, Outcome.DEGRADED, detail) for o in result.outcomes)
        return replace(result, outcomes=tuple(outcomes))

    def _instead(self, reason: str, chunks: Sequence[Chunk] = ()) -> MentionExtractor:
        if self._fallback is None:
            where = f" on {chunks[0].document_id!r}" if chunks and self._primary else ""
            raise ModelError(
                f"The model of phase 1 failed{where}: {reason.rstrip('.')}. Mend it, or set MENTION_FALLBACK=true: the "
                "regex tagger then reads what the model cannot, and says so."
            )
        return self._fallback


def _reason(error: Exception) -> str:
    """What failed. Only our own errors are quoted: another library's message may hold a document's text."""
    return str(error) if isinstance(error, AegisError) else type(error).__name__


def build_mention_extractor(settings: Settings) -> MentionExtractor:
    """The extractor that the settings ask for; the model is loaded at the first use.

    Raises:
        InputError: the glossary cannot be read.
    """
    glossary = load_glossary(settings.glossary) if settings.glossary else ()

    def with_model() -> SpacyMentionExtractor:
        pipeline = mention_pipeline(settings)  # first: what is free is what it leaves
        return SpacyMentionExtractor(
            pipeline,
            glossary,
            batch_size=texts_at_once(settings.extraction_batch_size, settings.chunk_tokens),
            numeric_nodes=settings.numeric_nodes,
        )

    regex = RegexMentionExtractor(glossary, numeric_nodes=settings.numeric_nodes)
    return FallbackMentionExtractor(with_model, regex if settings.mention_fallback else None)
