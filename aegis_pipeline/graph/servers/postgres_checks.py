"""Whether the PostgreSQL server of the settings can hold our rows: asked before a write, and by ``aegis doctor``.

Nothing is changed on the server.
"""

import re
from typing import Any

import asyncpg

from aegis_pipeline.errors import AegisError, GraphError, ServiceUnavailableError, SettingsError
from aegis_pipeline.settings import RowStorage, Settings

OLDEST_POSTGRES = 14  # the oldest release that its makers still mend; the tests run against 16
OLDEST_PGVECTOR = (0, 5)  # the first with the HNSW index that LightRAG makes; the tests run against 0.6

_TIMEOUT_SECONDS = 5.0  # for one connection; a server of the local network answers in milliseconds


async def check_postgres(configured: Settings) -> str:
    """The versions of the server and of pgvector, when they can hold our rows; pgvector only for vectors.

    Raises:
        ServiceUnavailableError: nothing answers at ``POSTGRES_HOST``, or it takes no more connections: worth a retry.
        SettingsError: the user, the password or the database is wrong.
        GraphError: the server or pgvector is too old or missing, or the user may not make tables.
    """
    try:
        connection = await _connect(configured)
        try:
            versions = [await _check_version(connection, configured)]
            await _check_tables(connection, configured)
            if configured.storages.vectors is RowStorage.POSTGRES:
                versions.append(await _check_pgvector(connection, configured))
            return ", ".join(versions)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise _explain(error, configured) from None


async def _connect(configured: Settings) -> Any:
    password = configured.postgres_password
    return await asyncpg.connect(
        host=configured.postgres_host,
        port=configured.postgres_port,
        user=configured.postgres_user,
        password=password.get_secret_value() if password else None,
        database=configured.postgres_database,
        timeout=_TIMEOUT_SECONDS,
    )


async def _check_version(connection: Any, configured: Settings) -> str:
    version = str(await connection.fetchval("SHOW server_version")).split()[0]
    if int(version.split(".")[0]) < OLDEST_POSTGRES:
        raise GraphError(
            f"The server at {_where(configured)} is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is needed. "
            "Upgrade it, or set POSTGRES_HOST and POSTGRES_PORT to another."
        )
    return f"PostgreSQL {version}"


async def _check_tables(connection: Any, configured: Settings) -> None:
    """LightRAG makes its tables by itself, in the schema that comes first."""
    schema = await connection.fetchval("SELECT current_schema()")
    if schema is None or not await connection.fetchval("SELECT has_schema_privilege($1, 'CREATE')", schema):
        raise GraphError(
            f"User {configured.postgres_user!r} may not make tables in database {configured.postgres_database!r} at "
            f"{_where(configured)}. As its owner, run: "
            f'GRANT CREATE ON SCHEMA {schema or "public"} TO "{configured.postgres_user}";'
        )


async def _check_pgvector(connection: Any, configured: Settings) -> str:
    """Creates the extension where it is not there yet, and takes that back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        version = await connection.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError):
        raise _lacks_pgvector("has no pgvector", "Install it there", configured) from None
    except asyncpg.InsufficientPrivilegeError:
        advice = "As a superuser of that database, run `CREATE EXTENSION vector;`"
        raise _lacks_pgvector("has not switched pgvector on in this database", advice, configured) from None
    finally:
        await transaction.rollback()
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_PGVECTOR:
        oldest = ".".join(map(str, OLDEST_PGVECTOR))
        raise _lacks_pgvector(f"has pgvector {version}; {oldest} or newer is needed", "Upgrade it", configured)
    return f"pgvector {version}"


def _lacks_pgvector(lack: str, advice: str, configured: Settings) -> GraphError:
    return GraphError(
        f"PostgreSQL at {_where(configured)} {lack} (database {configured.postgres_database!r}). "
        f"{advice} (the image pgvector/pgvector:pg16 has it), or set VECTOR_STORAGE=files."
    )


def _where(configured: Settings) -> str:
    return f"{configured.postgres_host}:{configured.postgres_port}"


def _explain(error: Exception, configured: Settings) -> AegisError:
    """The error of ours for one of the driver's: what was wrong, what is valid, and what to do next."""
    where = _where(configured)
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):  # the wrong password is one of these
        return SettingsError(
            f"PostgreSQL at {where} refuses user {configured.postgres_user!r} with this password. "
            "Set POSTGRES_USER and POSTGRES_PASSWORD to those of the server."
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return SettingsError(
            f"PostgreSQL at {where} has no database {configured.postgres_database!r}. "
            f"Set POSTGRES_DATABASE to one that it has, or run: createdb {configured.postgres_database}"
        )
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return GraphError(f"PostgreSQL at {where} refuses what user {configured.postgres_user!r} must do: {error}")
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, asyncpg.PostgresConnectionError):
        return ServiceUnavailableError(f"PostgreSQL at {where} cannot answer now ({error}). Try again in some seconds.")
    return ServiceUnavailableError(
        f"No PostgreSQL server answers at {where} ({type(error).__name__}). "
        "Start it (`make servers` starts one), or set POSTGRES_HOST and POSTGRES_PORT to where it is."
    )
