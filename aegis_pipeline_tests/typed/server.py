"""A process that has imported what the commands of ``aegis`` import, and forks for each that a test types.

    python server.py SOCKET        until its standard input ends

Of the ten seconds of a small ``aegis run`` seven are imports. A fork has the words, the folder, the environment and the
streams of the program ``aegis`` beside this file, and shares nothing else with other commands.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from typing import TextIO

_IMPORTED = (
    "dagster",
    "aegis_pipeline.graph",
    "aegis_pipeline.pipeline.extraction",
    "pyarrow.dataset",
    "sentence_transformers",
    "spacy",
    "transformers.models.bert.modeling_bert",
)


def preload() -> None:
    """Import; nothing is run, no model is loaded, and no setting is read."""
    for module in _IMPORTED:
        importlib.import_module(module)
    from aegis_pipeline.settings import settings

    assert not settings.cache_info().currsize, "what was imported has read the settings, which are a command's own"
    gc.collect()
    gc.freeze()


def serve(address: str) -> None:
    """Fork for every connection."""
    preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended forks are not waited for: each sends its own exit code
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in (waiting := select.select([listener, sys.stdin], [], [])[0]):
            connection, _ = waiting[0].accept()
            if os.fork() == 0:
                listener.close()
                os._exit(_command(connection))
            connection.close()


def _command(connection: socket.socket) -> int:
    """In the fork: be the command, and send its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    # New ones, for those of Python remember what kind of file was behind them
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), _writer(1), _writer(2)  # noqa: SIM115
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["aegis", *asked["words"]]
    code = _main()
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(bytes([code]))
    return code


def _writer(stream: int) -> TextIO:
    return open(stream, "w", buffering=1, encoding="utf-8", closefd=False)


def _main() -> int:
    """What the installed script does, up to its exit code."""
    from aegis_pipeline.cli import main

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself ends a program
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
