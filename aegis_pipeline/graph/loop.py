"""One event loop for everything that LightRAG does in this process.

LightRAG keeps locks for the whole process, and they belong to the loop that first waited on them; a loop of our own in
a thread also lets synchronous callers (Dagster, the command line) and callers with a loop of their own use one store.
"""

import asyncio
import threading
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="aegis-graph", daemon=True).start()
    return loop


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``; blocks the calling thread, never a loop. Who is interrupted while waiting cancels it."""
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result()
    finally:
        future.cancel()
