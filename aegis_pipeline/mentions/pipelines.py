"""The spaCy pipeline of phase 1: what SPACY_MODEL has and phase 1 reads, and the trained reader after it."""

from pathlib import Path
from typing import TYPE_CHECKING

from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.models.loading import CACHE, read_spacy
from aegis_pipeline.reader.component import add_reader
from aegis_pipeline.reader.files import TAGGER, ReaderFiles
from aegis_pipeline.reader.labels import LANGUAGE
from aegis_pipeline.settings import NerBackend, Settings

if TYPE_CHECKING:
    from spacy.language import Language

_log = event_log(__name__)

# Factories of pipes that say nothing which phase 1 reads. Pipes of the user's own stay: they may label the names.
_UNREAD = frozenset(
    {"parser", "lemmatizer", "trainable_lemmatizer", "senter", "sentencizer", "entity_linker"}
    | {"textcat", "textcat_multilabel", "spancat", "spancat_singlelabel"}
)
_PARTS_OF_SPEECH = frozenset({"tagger", "morphologizer", "attribute_ruler"})


def mention_pipeline(settings: Settings) -> "Language":
    """The pipeline of the settings, loaded once per process. Its entities are the reader's where it has the reader.

    Raises:
        ModelError: a model is not there, cannot be read, or is not what was recorded.
        SettingsError: the device cannot be used.
    """
    files = ReaderFiles.of(settings) if settings.ner_backend is NerBackend.READER else None
    weights, sha256 = (files.folder / TAGGER, files.manifest.sha256[TAGGER]) if files else (None, "")
    key = ("mentions", settings.spacy_model, str(weights), sha256, settings.device)
    return CACHE.get(key, lambda: read_pipeline(settings.spacy_model, weights, sha256=sha256, device=settings.device))


def read_pipeline(
    spacy_model: str, tagger: Path | None = None, *, sha256: str | None = None, device: str = "auto"
) -> "Language":
    """The spaCy pipeline of that name or path, without what phase 1 does not read, and the reader's tagger after it.

    The reader reads English: after the model of another language it is left out, and spaCy's labels serve.

    Raises:
        ModelError: a model is not there, cannot be read, or is not what was recorded.
        SettingsError: the device cannot be used.
    """
    nlp = read_spacy(spacy_model, device=device)
    if tagger is not None and nlp.lang not in (LANGUAGE, "xx"):
        _log.warning(Event.READER_LEFT_OUT, spacy_model=spacy_model, language=nlp.lang)
        tagger = None
    only_reader = tagger is not None and nlp.lang == LANGUAGE
    remove_unread(nlp, _UNREAD | _PARTS_OF_SPEECH if only_reader else _UNREAD)
    if tagger is not None:
        add_reader(nlp, tagger, sha256=sha256, device=device)
    return nlp


def remove_unread(nlp: "Language", factories: frozenset[str]) -> None:
    """Take the pipes of these factories out, and then what only served them (a shared ``tok2vec`` or transformer)."""
    gone = {name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in factories}
    served = {name: getattr(pipe, "listening_components", []) for name, pipe in nlp.pipeline}
    gone |= {name for name, listeners in served.items() if listeners and gone.issuperset(listeners)}
    for name in gone:
        nlp.remove_pipe(name)
