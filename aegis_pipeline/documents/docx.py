"""DOCX to plain paragraphs, with mammoth. What the archive holds is checked before anything unpacks it."""

import io
import zipfile
import zlib
from xml.parsers import expat

import mammoth

from aegis_pipeline.documents.markup import html_to_text
from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus

_UNPACKED_BYTES_MAX = 200_000_000
_MEMBERS_MAX = 10_000
_UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_OTHER_ARCHIVES = {"xl/workbook.xml": "an Excel workbook", "ppt/presentation.xml": "a PowerPoint presentation"}


def docx_to_text(data: bytes) -> str:
    """The text of a Word document, footnotes included; pictures and linked files are never opened.

    Raises:
        DocumentError: ``encrypted``, ``malformed``, ``too_large``, or ``unsupported_format`` (another archive).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive)
            _check_xml(archive)
        result = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=_no_image, include_embedded_style_map=False, external_file_access=False
        )
    except _UNPACK_ERRORS as error:
        raise _malformed(f"the archive is damaged ({type(error).__name__})") from None
    except (KeyError, AttributeError, IndexError, TypeError) as error:
        raise _malformed(f"parts that a Word document must have are missing ({type(error).__name__})") from None
    except RecursionError:
        raise _malformed("its elements are nested too deeply") from None
    return html_to_text(result.value)


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if "word/document.xml" not in names:
        found = next((kind for name, kind in _OTHER_ARCHIVES.items() if name in names), "a ZIP archive of another kind")
        raise DocumentError(
            DocumentStatus.UNSUPPORTED_FORMAT, f"{found}, not a Word document; save it as docx, pdf, html, md or txt"
        )
    if any(member.flag_bits & 1 for member in members):
        raise DocumentError(DocumentStatus.ENCRYPTED, "needs a password; save it without one and run again")
    unpacked = sum(member.file_size for member in members)
    if unpacked > _UNPACKED_BYTES_MAX or len(members) > _MEMBERS_MAX:
        raise DocumentError(
            DocumentStatus.TOO_LARGE,
            f"unpacks to {unpacked:,} bytes in {len(members):,} parts; at most {_UNPACKED_BYTES_MAX:,} and "
            f"{_MEMBERS_MAX:,} are read",
        )


def _check_xml(archive: zipfile.ZipFile) -> None:
    """Office Open XML allows no document type declaration, and so no entities (ECMA-376-2, 9.1.6)."""
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            parser = expat.ParserCreate()
            parser.StartDoctypeDeclHandler = _refuse_doctype
            try:
                parser.Parse(archive.read(name), True)
            except expat.ExpatError as error:
                raise _malformed(f"a part is not well-formed XML ({error})") from None


def _refuse_doctype(*_: object) -> None:
    raise _malformed("a part declares a document type, which DOCX forbids (entities could be expanded without end)")


def _malformed(reason: str) -> DocumentError:
    return DocumentError(DocumentStatus.MALFORMED, f"no readable DOCX: {reason}; save it again from Word")


@mammoth.images.img_element  # type: ignore[untyped-decorator]
def _no_image(_: object) -> dict[str, str]:
    return {}
