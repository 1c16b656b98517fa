"""What ``check_postgres`` says of a real server, and of what is none."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from aegis_pipeline.errors import GraphError, ServiceUnavailableError, SettingsError
from aegis_pipeline.graph.servers import check_postgres, postgres_checks
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.launch import at_home, launch, new_password
from aegis_pipeline_tests.servers.postgres_recipe import binaries, postgres_recipe, server_user
from aegis_pipeline_tests.servers.process import (
    Recipe,
    ServerProcess,
    ServerUnavailable,
    free_port,
)


def settings_of(server: PostgresServer, **changes: str) -> Settings:
    """The settings that name ``server`` for rows, vectors and statuses."""
    fields = {name.lower(): value for name, value in server.environment().items()}
    return Settings(_env_file=None, aegis_profile="production", **fields, **changes)


async def connect(server: PostgresServer) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, database=server.database
    )


@pytest.fixture
async def administrator(own_postgres: ServerProcess[PostgresServer]) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to a server that only this module uses."""
    connection = await connect(own_postgres.address)
    yield connection
    await connection.close()


@pytest.fixture
async def lesser(
    own_postgres: ServerProcess[PostgresServer], administrator: asyncpg.Connection, workspace: str
) -> PostgresServer:
    """The server for a user who is no superuser, with a database of its own; both have the name of the workspace."""
    await administrator.execute(f"CREATE USER {workspace} PASSWORD 'lesser'")
    await administrator.execute(f"CREATE DATABASE {workspace}")
    return replace(own_postgres.address, user=workspace, password="lesser", database=workspace)


@pytest.mark.postgres
async def test_a_server_that_will_do_says_its_versions_and_is_left_as_it_was(
    own_postgres: ServerProcess[PostgresServer], administrator: asyncpg.Connection
) -> None:
    await administrator.execute("DROP EXTENSION IF EXISTS vector")
    versions = await check_postgres(settings_of(own_postgres.address))
    assert versions.startswith("PostgreSQL 16.")
    assert ", pgvector 0." in versions
    assert await administrator.fetchval("SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == 0


@pytest.mark.postgres
async def test_a_wrong_password_is_told_without_the_password(own_postgres: ServerProcess[PostgresServer]) -> None:
    with pytest.raises(SettingsError, match=r"refuses user 'postgres' with this password.*POSTGRES_PASSWORD") as raised:
        await check_postgres(settings_of(replace(own_postgres.address, password="not-the-secret")))
    assert "not-the-secret" not in str(raised.value)
    without = Settings(_env_file=None, **{**settings_of(own_postgres.address).model_dump(), "postgres_password": None})
    with pytest.raises(SettingsError, match="POSTGRES_PASSWORD"):
        await check_postgres(without)


@pytest.mark.postgres
async def test_a_missing_database_is_named(postgres_server: PostgresServer) -> None:
    with pytest.raises(SettingsError, match=r"no database 'nowhere'.*POSTGRES_DATABASE.*createdb nowhere"):
        await check_postgres(settings_of(replace(postgres_server, database="nowhere")))


@pytest.mark.postgres
async def test_a_server_that_went_is_worth_a_retry(own_postgres: ServerProcess[PostgresServer]) -> None:
    own_postgres.kill()
    with pytest.raises(
        ServiceUnavailableError, match=r"No PostgreSQL server answers at 127\.0\.0\.1:\d+.*make servers"
    ):
        await check_postgres(settings_of(own_postgres.address))


@pytest.mark.neo4j
async def test_another_server_is_no_postgres(neo4j_server: Neo4jServer) -> None:
    host, port = neo4j_server.uri.rpartition("/")[2].split(":")
    with pytest.raises(ServiceUnavailableError, match="No PostgreSQL server answers"):
        await check_postgres(settings_of(PostgresServer(host, int(port), "postgres", "secret")))


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "oldest"), [("OLDEST_POSTGRES", 9999), ("OLDEST_PGVECTOR", (9999, 0))])
async def test_an_old_server_is_refused(
    name: str, oldest: object, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_checks, name, oldest)
    with pytest.raises(GraphError, match=r"9999.* or newer is needed"):
        await check_postgres(settings_of(postgres_server))


@pytest.mark.postgres
async def test_who_may_make_no_tables_is_told_the_grant(lesser: PostgresServer) -> None:
    with pytest.raises(GraphError, match=rf'GRANT CREATE ON SCHEMA public TO "{lesser.user}";'):
        await check_postgres(settings_of(lesser))


@pytest.mark.postgres
async def test_who_may_not_switch_pgvector_on_is_told_how(
    lesser: PostgresServer, own_postgres: ServerProcess[PostgresServer]
) -> None:
    owner = await connect(replace(own_postgres.address, database=lesser.database))
    await owner.execute(f"GRANT CREATE ON SCHEMA public TO {lesser.user}")
    with pytest.raises(GraphError, match="As a superuser of that database, run `CREATE EXTENSION vector;`"):
        await check_postgres(settings_of(lesser))
    await owner.execute("CREATE EXTENSION vector")
    await owner.close()
    assert "pgvector" in await check_postgres(settings_of(lesser))


@pytest.mark.postgres
async def test_a_server_with_too_many_connections_is_worth_a_retry(
    lesser: PostgresServer, administrator: asyncpg.Connection
) -> None:
    await administrator.execute(f"ALTER DATABASE {lesser.database} CONNECTION LIMIT 0")
    with pytest.raises(ServiceUnavailableError, match=r"cannot answer now .*too many connections"):
        await check_postgres(settings_of(lesser))


@pytest.fixture(scope="module")
def without_pgvector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of the same release in whose folder of extensions there is no pgvector."""

    def recipe(home: Path) -> Recipe[PostgresServer]:
        package = binaries().parents[1]
        for folder in package.parent.glob(f"{package.name}*"):  # the package, and the libraries that lie beside it
            shutil.copytree(folder, home / folder.name, copy_function=_link, symlinks=True)
        programs = home / package.name / "pginstall" / "bin"
        for file in (programs.parent / "share" / "postgresql" / "extension").glob("vector*"):
            file.unlink()
        return postgres_recipe(home, new_password(), free_port(), programs=programs)

    try:
        server = launch([lambda: at_home("postgres", server_user(), recipe)])
    except ServerUnavailable as error:
        pytest.skip(str(error))
    yield server.address
    server.close()


def _link(source: str, target: str) -> None:
    """A hard link, or a copy where the folders lie on different disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.postgres
async def test_without_pgvector_vectors_are_refused_and_rows_are_not(without_pgvector: PostgresServer) -> None:
    with pytest.raises(GraphError, match=r"has no pgvector.*VECTOR_STORAGE=files"):
        await check_postgres(settings_of(without_pgvector))
    assert "pgvector" not in await check_postgres(settings_of(without_pgvector, vector_storage="files"))


async def test_a_host_that_is_not_there_is_worth_a_retry(tmp_path: Path) -> None:
    for host in ("nowhere.invalid", str(tmp_path)):
        with pytest.raises(ServiceUnavailableError, match="No PostgreSQL server answers"):
            await check_postgres(settings_of(PostgresServer(host, 5432, "postgres", "secret")))
