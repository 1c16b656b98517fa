"""Phase 1 without a model: capitalised names, acronyms, years and numbers. What is used where spaCy fails."""

import re
from collections.abc import Iterable, Sequence

from aegis_pipeline.mentions.glossary import GlossaryEntry, GlossaryMatcher
from aegis_pipeline.mentions.marks import Mark, without_overlaps
from aegis_pipeline.mentions.results import by_document, first_indices, joined, mentions_of, outcome_of
from aegis_pipeline.mentions.sentences import presegmented
from aegis_pipeline.mentions.versions import version_of
from aegis_pipeline.mentions.words import words
from aegis_pipeline.records import Chunk, MentionResult

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}} {_MONTH} \d{{4}}|{_MONTH} (?:\d{{1,2}}, )?\d{{4}}|\d{{4}}-\d\d-\d\d|1\d{{3}}|20\d\d)\b"
)
_NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
_WORD = r"[^\W\d_a-z][\w'’&-]*"
# Words in a row that begin with a capital, joined by at most one small word: "Bank of England".
_NAME = re.compile(rf"(?<!\w){_WORD}(?:[ \u00a0](?:(?:of|the|de|von|van|and) )?{_WORD})*")
_LONGEST_WORD = 64


class RegexMentionExtractor:
    """Mentions by pattern, all names of type "other"."""

    def __init__(self, glossary: Sequence[GlossaryEntry] = (), *, numeric_nodes: bool = False) -> None:
        self._glossary = glossary
        self._numeric_nodes = numeric_nodes

    @property
    def version(self) -> str:
        """Changes with the patterns, the word lists, the glossary and the setting."""
        return version_of("regex", self._glossary, numeric_nodes=self._numeric_nodes)

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        """Mentions and outcomes of whole documents."""
        return joined(self._document(document) for document in by_document(chunks))

    def _document(self, chunks: Sequence[Chunk]) -> MentionResult:
        mentions = []
        for chunk, first in zip(chunks, first_indices(chunks), strict=True):
            mentions += mentions_of(chunk, self._marks(chunk), first, numeric_nodes=self._numeric_nodes)
        return MentionResult(tuple(mentions), (outcome_of(chunks[0].document_id, mentions),))

    def _marks(self, chunk: Chunk) -> list[Mark]:
        return without_overlaps([*self._glossary_marks(chunk), *_pattern_marks(chunk)])

    def _glossary_marks(self, chunk: Chunk) -> list[Mark]:
        if not self._glossary:
            return []
        import spacy

        nlp = spacy.blank("en")
        return GlossaryMatcher(self._glossary, nlp).marks(presegmented(nlp, chunk))


def _pattern_marks(chunk: Chunk) -> Iterable[Mark]:
    """Sentence by sentence, so that no mark crosses a boundary; dates before numbers before names."""
    for pattern, label in ((_DATE, "DATE"), (_NUMBER, "CARDINAL"), (_NAME, "MISC")):
        for span in chunk.sentences:
            start, end = span.start - chunk.span.start, span.end - chunk.span.start
            for found in pattern.finditer(chunk.text, start, end):
                begin = _after_function_words(found) if label == "MISC" else found.start()
                if found.end() - begin > 1 or label != "MISC":
                    yield Mark(begin, found.end(), label, "regex")


def _after_function_words(found: re.Match[str]) -> int:
    """Where the name begins; its end where nothing in it is a name."""
    begin = found.start()
    for word in re.finditer(r"\S+", found[0]):
        begin = found.start() + word.start()
        if word[0][0].isupper() and word[0].lower() not in words("function_words"):
            return begin if len(word[0]) <= _LONGEST_WORD else found.end()
    return found.end()
