"""A folder of documents → documents → chunks.

What each file became is in the manifest: a row for everything found, whatever became of it. Hidden files, links and
special files are refused, never opened. Every format is parsed in a child process with limits on time and memory.
"""

from aegis_pipeline.documents.chunks import chunk_documents
from aegis_pipeline.documents.files import COMPLETE_MARKER, FoundFile, walk
from aegis_pipeline.documents.folder import KnownDocument, known_documents, read_folder
from aegis_pipeline.documents.language import LANGUAGES
from aegis_pipeline.documents.paths import display_path, document_id, original_path
from aegis_pipeline.documents.sanitize import sanitize
from aegis_pipeline.documents.sentences import sentence_spans

__all__ = [
    "COMPLETE_MARKER",
    "LANGUAGES",
    "FoundFile",
    "KnownDocument",
    "chunk_documents",
    "display_path",
    "document_id",
    "known_documents",
    "original_path",
    "read_folder",
    "sanitize",
    "sentence_spans",
    "walk",
]
