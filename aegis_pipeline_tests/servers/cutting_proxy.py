"""A TCP proxy that cuts its connections when it is told to, as a network does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 1 << 16


class CuttingProxy:
    """Forwards ``127.0.0.1:port`` to a server, until ``cut_after`` bytes have gone to it: then every connection ends,
    and those that come later are forwarded again."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._left: int | None = None
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """Cut once, when ``size`` more bytes have gone to the server."""
        self._left = size

    def close(self) -> None:
        """Listen no more, and end every connection."""
        _end(self._listener)
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                for way in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=way, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if is_counted:
                    self._count(len(piece))
                target.sendall(piece)
        _end(source, target)
        source.close()  # the other thread closes the other one

    def _count(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if self._left <= 0:
                self._left = None
                self.cuts += 1
                self._cut()

    def _cut(self) -> None:
        ends, self._open = self._open, []
        _end(*ends)


def _end(*ends: socket.socket) -> None:
    """Closing alone would not wake the thread that reads, nor tell the other side."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_proxy(host: str, port: int) -> Iterator[CuttingProxy]:
    """A proxy to ``host:port``, closed at the end."""
    proxy = CuttingProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.close()
