"""What the drivers raise, in our errors: worth a retry or not. Their own messages may hold names of the documents."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from lightrag.exceptions import IndexFlushError
from neo4j.exceptions import DriverError, Neo4jError

from aegis_pipeline.errors import AegisError, GraphError, ServiceUnavailableError

_ADVICE = "What was written is noted: the next `aegis run` completes it."
_TRANSIENT = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server is shut down, or comes up
    asyncpg.InsufficientResourcesError,  # it takes no more connections
    asyncpg.TransactionRollbackError,  # a deadlock
)
_FAULTS = (DriverError, Neo4jError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


@contextmanager
def explained() -> Iterator[None]:
    """Raise ours for theirs.

    Raises:
        ServiceUnavailableError: a server went away, or was in the way of itself.
        GraphError: a server refuses what it was given.
    """
    try:
        yield
    except IndexFlushError as error:
        cause = error.__cause__
        if isinstance(cause, _FAULTS):
            raise _explain(cause) from None
        raise
    except _FAULTS as error:
        raise _explain(error) from None


def _explain(error: BaseException) -> AegisError:
    server = "Neo4j" if isinstance(error, DriverError | Neo4jError) else "PostgreSQL"
    code = getattr(error, "code", None) or getattr(error, "sqlstate", None) or "no code"
    said = f"{type(error).__name__}, {code}"
    if _is_transient(error):
        return ServiceUnavailableError(f"{server} went away or broke off ({said}). {_ADVICE}")
    return GraphError(f"{server} refuses a row ({said}). {_ADVICE} If it refuses again, please report this.")


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, DriverError | Neo4jError):
        return error.is_retryable()
    return isinstance(error, _TRANSIENT) and not isinstance(error, asyncpg.DataError)
