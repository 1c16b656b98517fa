"""A folder of files to documents and a manifest that has a row for every one of them."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_pipeline.documents.files import FoundFile, read_bytes, walk
from aegis_pipeline.documents.formats import expected_format
from aegis_pipeline.documents.language import ENGLISH, detect_language
from aegis_pipeline.documents.parse import Parsed, ParseLimits
from aegis_pipeline.documents.paths import display_path, document_id
from aegis_pipeline.documents.sandbox import ParsePool
from aegis_pipeline.errors import DocumentError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import carried, event_log
from aegis_pipeline.records import Document, DocumentStatus, FolderContents, ManifestRow

if TYPE_CHECKING:  # a parse child imports this package, and starts in two thirds of the time without Pydantic
    from aegis_pipeline.settings import Settings

_log = event_log(__name__)
_PARSE_CHILDREN_MAX = 2

KnownDocument = tuple[ManifestRow, Document]


def read_folder(
    folder: Path,
    settings: "Settings",
    *,
    batch: str = "",
    languages: frozenset[str] = frozenset({ENGLISH}),
    known: Mapping[str, KnownDocument] | None = None,
    only: Collection[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> FolderContents:
    """Every document in ``folder`` and the folders in it, and a manifest row for everything found there.

    Args:
        batch: The name of the batch: with a file's path it makes the document's id.
        languages: Languages that a model is there for; documents in others get ``unsupported_language``.
        known: What :func:`known_documents` made of an earlier reading by the same settings and languages: a file with
            the same bytes is what it was then.
        only: The paths that are read, as the manifest has them; by default everything.
        on_progress: Called with the files done and the files found, after each of them.

    Raises:
        InputError: ``folder`` is no folder that can be listed.
        TerminalError: no parse child can be started.
    """
    found = [file for file in walk(folder) if only is None or display_path(file.path) in only]
    limits = ParseLimits(
        settings.parse_timeout_seconds,
        settings.parse_memory_bytes,
        settings.max_document_characters,
        settings.max_document_pages,
    )
    workers = min(_PARSE_CHILDREN_MAX, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as threads, ParsePool(limits, workers) as pool:
        reader = _FolderReader(folder, settings, batch, languages, known or {}, pool)
        results = _collect(threads.map(carried(reader.read), found), len(found), on_progress)
    contents = FolderContents(
        documents=tuple(document for _, document in results if document is not None),
        manifest=tuple(row for row, _ in results),
    )
    _log.info(
        Event.DOCUMENTS_READ, files=len(found), statuses=dict(Counter(row.status.value for row in contents.manifest))
    )
    return contents


def known_documents(contents: FolderContents) -> dict[str, KnownDocument]:
    """What :func:`read_folder` takes as ``known``: the parsed documents of an earlier reading, by id."""
    rows = {(row.document_id, row.content_hash): row for row in contents.manifest}
    made = ((rows.get((document.id, document.content_hash)), document) for document in contents.documents)
    return {document.id: (row, document) for row, document in made if row is not None}


def _collect(
    results: Iterable[tuple[ManifestRow, Document | None]], total: int, on_progress: Callable[[int, int], None] | None
) -> list[tuple[ManifestRow, Document | None]]:
    collected = []
    for done, result in enumerate(results, start=1):
        collected.append(result)
        if on_progress is not None:
            on_progress(done, total)
    return collected


def _told(result: tuple[ManifestRow, Document | None]) -> tuple[ManifestRow, Document | None]:
    row = result[0]
    _log.info(
        Event.DOCUMENT_READ,
        document_id=row.document_id,
        path=row.path,
        status=row.status.value,
        format=row.format,
        size_bytes=row.size_bytes,
        characters=row.characters,
    )
    return result


class _FolderReader:
    """Reads one file after the other; all that they share."""

    def __init__(
        self,
        folder: Path,
        settings: "Settings",
        batch: str,
        languages: frozenset[str],
        known: Mapping[str, KnownDocument],
        pool: ParsePool,
    ) -> None:
        self._folder, self._settings, self._batch = folder, settings, batch
        self._languages, self._known, self._pool = languages, known, pool

    def read(self, file: FoundFile) -> tuple[ManifestRow, Document | None]:
        """The manifest row of ``file``, and its document where it gave one."""
        row = ManifestRow(
            path=display_path(file.path),
            document_id=document_id(self._batch, file.path),
            status=DocumentStatus.PARSED,
            size_bytes=file.size_bytes,
        )
        try:
            if file.fault is not None:
                raise file.fault
            expected = expected_format(file.path)
            row = replace(row, format=expected)
            data = read_bytes(self._folder, file, self._settings.max_document_bytes)
            row = replace(row, content_hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
            return self._known_by(row) or _told(self._document(row, self._pool.parse(data, expected)))
        except DocumentError as error:
            return _told((replace(row, status=error.status, error=str(error)), None))

    def _known_by(self, row: ManifestRow) -> KnownDocument | None:
        known = self._known.get(row.document_id)
        return known if known and known[0].content_hash == row.content_hash else None

    def _document(self, row: ManifestRow, parsed: Parsed) -> tuple[ManifestRow, Document | None]:
        language = detect_language(parsed.text, self._settings.language_floor)
        row = replace(
            row,
            error=parsed.note,
            format=parsed.format,
            encoding=parsed.encoding,
            language=language.code,
            language_confidence=language.confidence,
            characters=len(parsed.text),
        )
        if language.code not in self._languages:
            reason = f"in {language.code!r}, models are there for {', '.join(sorted(self._languages))}"
            return replace(row, status=DocumentStatus.UNSUPPORTED_LANGUAGE, error=reason), None
        document = Document(row.document_id, row.path, parsed.text, row.content_hash or "", language.code)
        return row, document
