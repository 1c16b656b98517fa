"""Names of files as text: always valid UTF-8, never ambiguous, and ids that come from them."""

import hashlib
import os
import re

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LOOKS_ENCODED = re.compile(r"%(?=(?:25)*[89A-F][0-9A-F])")
_ENCODED_BYTE = re.compile(r"%(?!25)([89A-F][0-9A-F])")
_ENCODED_PERCENT = re.compile(r"%25(?=(?:25)*[89A-F][0-9A-F])")


def display_path(path: str) -> str:
    """``path`` as valid UTF-8, one to one with the name on the disk.

    A byte that is no UTF-8 (which Python holds as a lone surrogate) becomes ``%XX``, with XX from 80 to FF in capitals.
    A name that already has such a ``%XX`` (or ``%25…XX``) gets its ``%`` written as ``%25``. Every other name stays as
    it is, also with line breaks, quotes or leading dashes: who prints it for a terminal escapes it there.
    """
    return _SURROGATE.sub(_encode_byte, _LOOKS_ENCODED.sub("%25", path))


def original_path(display: str) -> str:
    """The path that :func:`display_path` was given."""
    raw = _ENCODED_BYTE.sub(lambda found: os.fsdecode(bytes.fromhex(found[1])), display)
    return _ENCODED_PERCENT.sub("%", raw)


def document_id(batch: str, path: str) -> str:
    """The id of the file at ``path`` within ``batch``: stable, and different for the same name in another folder.

    It is made of the bytes of the name on the disk. NUL, which no path can hold, keeps ("a", "b/c") from ("a/b", "c").
    """
    return "doc-" + hashlib.sha256(os.fsencode(batch) + b"\0" + os.fsencode(path)).hexdigest()[:32]


def _encode_byte(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", _handler(found[0])))


def _handler(surrogate: str) -> str:
    """POSIX keeps undecodable bytes as U+DC80 to U+DCFF; Windows may hold any lone surrogate in a name."""
    return "surrogateescape" if "\udc80" <= surrogate <= "\udcff" else "surrogatepass"
