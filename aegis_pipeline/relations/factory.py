"""Which relation extractor the settings ask for."""

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.models.loading import CACHE
from aegis_pipeline.reader.files import RELATIONS, ReaderFiles
from aegis_pipeline.relations.embedded import EmbeddedRelationExtractor
from aegis_pipeline.relations.interface import RelationExtractor
from aegis_pipeline.relations.parse import DependencyRelationExtractor, load_patterns
from aegis_pipeline.settings import NerBackend, RelationBackend, Settings


def build_relation_extractor(settings: Settings) -> RelationExtractor:
    """The extractor of phase 3: the trained reader, or patterns over the dependency parse.

    Raises:
        SettingsError: READER_MODEL names no folder, or the backends of phases 1 and 3 do not go together.
        ModelError: the reader's files cannot be used.
    """
    if settings.relation_backend is RelationBackend.EMBEDDED:
        return _embedded(settings)
    if settings.ner_backend is NerBackend.READER:
        raise SettingsError(
            "RELATION_BACKEND=parse needs the dependency parse, which NER_BACKEND=reader does not make: set "
            "RELATION_BACKEND=embedded, or NER_BACKEND=spacy."
        )
    return DependencyRelationExtractor(load_patterns(), settings.relation_min_confidence)


def _embedded(settings: Settings) -> EmbeddedRelationExtractor:
    from aegis_pipeline.reader.loading import load_relation_reader

    files = ReaderFiles.of(settings)
    key = ("relations", str(files.folder), files.manifest.sha256[RELATIONS], settings.device)
    reader = CACHE.get(key, lambda: load_relation_reader(files, settings.device))
    return EmbeddedRelationExtractor(reader, files.manifest, settings.relation_min_confidence)
