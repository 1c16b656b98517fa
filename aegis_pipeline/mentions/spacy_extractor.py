"""Phase 1 with a spaCy pipeline: the reader's names or those of spaCy's own model, and the glossary's."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from aegis_pipeline.mentions.glossary import GlossaryEntry, GlossaryMatcher
from aegis_pipeline.mentions.marks import Mark, without_overlaps
from aegis_pipeline.mentions.model_marks import reader_marks, spacy_marks
from aegis_pipeline.mentions.proper_nouns import names_of, repeats, unlabelled_names
from aegis_pipeline.mentions.results import by_document, first_indices, joined, mentions_of, outcome_of
from aegis_pipeline.mentions.sentences import presegmented
from aegis_pipeline.mentions.versions import version_of
from aegis_pipeline.models.halving import halving
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.reader.component import NAME as READER
from aegis_pipeline.reader.component import ReaderComponent
from aegis_pipeline.reader.labels import LANGUAGE
from aegis_pipeline.records import Chunk, MentionResult

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class SpacyMentionExtractor:
    """Mentions by a spaCy pipeline; whatever the pipeline raises goes up."""

    def __init__(
        self,
        nlp: "Language",
        glossary: Sequence[GlossaryEntry] = (),
        *,
        batch_size: int = 10,
        numeric_nodes: bool = False,
    ) -> None:
        self._nlp = nlp
        self._entries = glossary
        self._glossary = GlossaryMatcher(glossary, nlp) if glossary else None
        self._batch_size = batch_size
        self._numeric_nodes = numeric_nodes
        reader = nlp.get_pipe(READER) if nlp.has_pipe(READER) else None
        self._reader = reader if isinstance(reader, ReaderComponent) else None

    @property
    def model(self) -> str:
        """Name and version of the spaCy model, and the hash of the reader's weights after it."""
        reader = f" + {READER} {self._reader.sha256}" if self._reader else ""
        return f"{self._nlp.meta['lang']}_{self._nlp.meta['name']} {self._nlp.meta['version']}{reader}"

    @property
    def version(self) -> str:
        """The models and a hash of spaCy's files (trained anew it often keeps name and version), the code, the
        glossary, the setting."""
        files = sha256_of(self._nlp.path) if self._nlp.path else "in memory"
        return version_of(f"{self.model} {files}", self._entries, numeric_nodes=self._numeric_nodes)

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        """Mentions and outcomes of whole documents: their chunks, one document after the other.

        Raises:
            MemoryEndedError: memory does not suffice for one document alone.
        """
        return joined(halving(self._documents, by_document(chunks)))

    def _documents(self, documents: Sequence[Sequence[Chunk]]) -> list[MentionResult]:
        docs = self._nlp.pipe(map(self._doc, chain.from_iterable(documents)), batch_size=self._batch_size)
        return [self._document(document, docs) for document in documents]

    def _doc(self, chunk: Chunk) -> "Doc":
        """The glossary's names are set before the model runs: it labels what is left, and never across them."""
        doc = presegmented(self._nlp, chunk)
        if self._glossary:
            spans = (doc.char_span(mark.start, mark.end, label=mark.label) for mark in self._glossary.marks(doc))
            doc.set_ents([span for span in spans if span is not None])
        return doc

    def _document(self, chunks: Sequence[Chunk], docs: Iterator["Doc"]) -> MentionResult:
        read = [next(docs) for _ in chunks]
        by_reader = self._reader is not None and chunks[0].language == LANGUAGE
        marked = [self._with_glossary(doc, reader_marks(doc) if by_reader else spacy_marks(doc)) for doc in read]
        if not by_reader:
            marked = _with_unlabelled(read, marked)
        mentions = [
            mention
            for chunk, marks, first in zip(chunks, marked, first_indices(chunks), strict=True)
            for mention in mentions_of(chunk, marks, first, numeric_nodes=self._numeric_nodes)
        ]
        return MentionResult(tuple(mentions), (outcome_of(chunks[0].document_id, mentions),))

    def _with_glossary(self, doc: "Doc", marks: Sequence[Mark]) -> list[Mark]:
        """The glossary's marks go before the model's."""
        glossary = self._glossary.marks(doc) if self._glossary else []
        return without_overlaps([*glossary, *marks])


def _with_unlabelled(docs: Sequence["Doc"], marked: Sequence[Sequence[Mark]]) -> list[list[Mark]]:
    """What spaCy's models leave without a label; the reader's find these names themselves."""
    names = names_of((doc.text, marks) for doc, marks in zip(docs, marked, strict=True))
    found = []
    for doc, marks in zip(docs, marked, strict=True):
        with_names = without_overlaps([*marks, *repeats(doc.text, marks, names)])
        found.append(without_overlaps([*with_names, *unlabelled_names(doc, with_names)]))
    return found
