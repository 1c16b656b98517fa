"""The tagger as a spaCy component: it fills ``doc.ents``, and leaves what was there for whoever wants it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.reader.labels import LABELS, TypedSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from aegis_pipeline.reader.tagger import Tagger

NAME = "aegis_reader"
BEFORE = "before_aegis_reader"
"""The group of ``doc.spans`` with the entities that the pipes before the reader have set."""


# Tokens such as "1918–17" join what the reader parts: 4 February 1918 and 17 July 1978. Without them its span F1 on
# Re-DocRED dev 350-399 goes from .8827 to .8849.
_BETWEEN_NUMBERS = r"(?<=\d)[-–—](?=\d)"


class ReaderComponent:
    """Labels names with the labels of ``LABELS``. A name takes the whole of every token that it touches."""

    def __init__(self, tagger: "Tagger", sha256: str = "") -> None:
        """``sha256`` is that of the tagger's weights."""
        self._tagger, self.sha256 = tagger, sha256

    def __call__(self, doc: "Doc") -> "Doc":
        """One text."""
        return self._labelled(doc, self._tagger.tag([doc.text])[0])

    def pipe(self, stream: Iterable["Doc"], *, batch_size: int) -> Iterator["Doc"]:
        """Texts in batches."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            for doc, spans in zip(batch, self._tagger.tag([doc.text for doc in batch]), strict=True):
                yield self._labelled(doc, spans)

    def _labelled(self, doc: "Doc", spans: Iterable[TypedSpan]) -> "Doc":
        from spacy.util import filter_spans

        found = (doc.char_span(a, b, label=LABELS[kind], alignment_mode="expand") for a, b, kind in spans)
        doc.spans[BEFORE] = doc.ents
        doc.set_ents(filter_spans(span for span in found if span is not None))
        return doc


def add_reader(nlp: "Language", weights: Path, *, sha256: str | None = None, device: str = "cpu") -> None:
    """Put the tagger of these weights at the end of a pipeline, whose tokens part numbers from now on.

    Raises:
        ModelError: the weights are missing, or are not those of ``sha256``.
    """
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex

    if not Language.has_factory(NAME):
        Language.factory(NAME, assigns=["doc.ents"], default_config={"sha256": None, "device": "cpu"})(_component)
    if isinstance(nlp.tokenizer, Tokenizer):
        infixes = compile_infix_regex((*(nlp.Defaults.infixes or ()), _BETWEEN_NUMBERS))
        nlp.tokenizer.infix_finditer = infixes.finditer
    nlp.add_pipe(NAME, config={"weights": str(weights), "sha256": sha256, "device": device})


def _component(nlp: "Language", name: str, weights: str, sha256: str | None, device: str) -> ReaderComponent:  # noqa: ARG001 - spaCy's signature
    from aegis_pipeline.reader.loading import load_tagger

    return ReaderComponent(load_tagger(Path(weights), sha256=sha256, device=device), sha256_of(Path(weights)))
