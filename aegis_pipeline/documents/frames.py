"""What parent and parse child say to each other: a JSON header and a payload of bytes, each with its length first."""

import json
import struct
from typing import IO, Any

_LENGTHS = struct.Struct(">QQ")


class FrameError(Exception):
    """The other side sent something that is no frame, or one that is too long."""


def write_frame(stream: IO[bytes], header: dict[str, Any], payload: bytes = b"") -> None:
    """Send one frame."""
    head = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(head), len(payload)) + head + payload)
    stream.flush()


def read_frame(stream: IO[bytes], bytes_max: int) -> tuple[dict[str, Any], bytes]:
    """Receive one frame of at most ``bytes_max`` bytes.

    Raises:
        EOFError: the other side has ended.
        FrameError: what came is no frame.
    """
    header_size, payload_size = _LENGTHS.unpack(_read(stream, _LENGTHS.size))
    if header_size + payload_size > bytes_max:
        raise FrameError(f"{header_size + payload_size} bytes announced, at most {bytes_max}")
    try:
        header = json.loads(_read(stream, header_size))
    except ValueError as error:
        raise FrameError(str(error)) from None
    if not isinstance(header, dict):
        raise FrameError("the header is no object")
    return header, _read(stream, payload_size)


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
