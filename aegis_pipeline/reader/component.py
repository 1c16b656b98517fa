"""The tagger as a spaCy component: it fills ``doc.ents``, beside names that are set already (a glossary's)."""

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


class ReaderComponent:
    """Labels names with the labels of ``LABELS``. A name takes the whole of every token that it touches."""

    def __init__(self, tagger: "Tagger") -> None:
        self._tagger = tagger

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
        taken = {token.i for entity in doc.ents for token in entity}
        free = [span for span in found if span is not None and not any(token.i in taken for token in span)]
        doc.set_ents([*doc.ents, *filter_spans(free)])
        return doc


def reader_pipeline(
    weights: Path, *, sha256: str | None = None, device: str = "cpu", language: str = "en"
) -> "Language":
    """A spaCy pipeline of a tagger alone; the hash of its weights is the pipeline's version.

    Raises:
        ModelError: the weights are missing, or are not those of ``sha256``.
    """
    import spacy

    register()
    nlp = spacy.blank(language)
    nlp.add_pipe(NAME, config={"weights": str(weights), "sha256": sha256, "device": device})
    nlp.meta["name"], nlp.meta["version"] = NAME, sha256_of(weights)
    return nlp


def register() -> None:
    """Make the component known to spaCy, under the name ``aegis_reader``."""
    from spacy.language import Language

    if not Language.has_factory(NAME):
        Language.factory(NAME, assigns=["doc.ents"], default_config={"sha256": None, "device": "cpu"})(_component)


def _component(nlp: "Language", name: str, weights: str, sha256: str | None, device: str) -> ReaderComponent:  # noqa: ARG001 - spaCy's signature
    from aegis_pipeline.reader.loading import load_tagger

    return ReaderComponent(load_tagger(Path(weights), sha256=sha256, device=device))
