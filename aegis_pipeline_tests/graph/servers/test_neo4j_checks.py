"""What ``check_neo4j`` says of a real server, and of what is none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import neo4j
import pytest

from aegis_pipeline.errors import GraphError, ServiceUnavailableError, SettingsError
from aegis_pipeline.graph.servers import check_neo4j, neo4j_checks
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.process import ServerProcess, free_port


def settings_of(server: Neo4jServer, workspace: str = "aegis") -> Settings:
    """The settings that name ``server``."""
    fields = {name.lower(): value for name, value in server.environment().items()}
    return Settings(_env_file=None, graph_storage="neo4j", aegis_workspace=workspace, **fields)


@pytest.fixture
def driver(neo4j_server: Neo4jServer, workspace: str) -> Iterator[neo4j.Driver]:
    """A driver of the shared server, whose nodes of this workspace go afterwards."""
    with neo4j.GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password)) as opened:
        yield opened
        opened.execute_query(f"MATCH (n:`{workspace}`) DETACH DELETE n", database_=neo4j_server.database)
        opened.execute_query(f"DROP CONSTRAINT `{workspace}` IF EXISTS", database_=neo4j_server.database)


@pytest.mark.neo4j
async def test_a_server_that_will_do_says_its_version(neo4j_server: Neo4jServer, workspace: str) -> None:
    version = await check_neo4j(settings_of(neo4j_server, workspace))
    assert version.startswith("Neo4j ")
    assert "community" in version or not neo4j_server.owned


@pytest.mark.neo4j
async def test_nodes_under_our_constraint_are_ours(
    neo4j_server: Neo4jServer, workspace: str, driver: neo4j.Driver
) -> None:
    constraint = f"CREATE CONSTRAINT `{workspace}` FOR (n:`{workspace}`) REQUIRE n.entity_id IS UNIQUE"
    driver.execute_query(constraint, database_=neo4j_server.database)
    driver.execute_query(f"CREATE (:`{workspace}` {{entity_id: 'Ada'}})", database_=neo4j_server.database)
    assert await check_neo4j(settings_of(neo4j_server, workspace))
    driver.execute_query(f"CREATE (:`{workspace}` {{title: 'Metropolis'}})", database_=neo4j_server.database)
    with pytest.raises(GraphError, match=rf"holds 1 nodes labelled '{workspace}'.*did not write.*AEGIS_WORKSPACE"):
        await check_neo4j(settings_of(neo4j_server, workspace))


@pytest.mark.neo4j
async def test_nodes_without_our_constraint_are_somebody_elses(
    neo4j_server: Neo4jServer, workspace: str, driver: neo4j.Driver
) -> None:
    """Those of stock LightRAG, too: they have an ``entity_id``."""
    driver.execute_query(f"CREATE (:`{workspace}` {{entity_id: 'Ada'}})", database_=neo4j_server.database)
    with pytest.raises(GraphError, match="Nothing was changed"):
        await check_neo4j(settings_of(neo4j_server, workspace))
    found, _, _ = driver.execute_query("SHOW CONSTRAINTS YIELD labelsOrTypes", database_=neo4j_server.database)
    assert [workspace] not in [record["labelsOrTypes"] for record in found]


@pytest.mark.neo4j
async def test_a_wrong_password_is_told_without_the_password(own_neo4j: ServerProcess[Neo4jServer]) -> None:
    wrong = replace(own_neo4j.address, password="not-the-secret")
    with pytest.raises(SettingsError, match=r"refuses user 'neo4j' with this password.*NEO4J_PASSWORD") as raised:
        await check_neo4j(settings_of(wrong))
    assert "not-the-secret" not in str(raised.value)


@pytest.mark.neo4j
async def test_too_many_wrong_passwords_are_worth_a_retry(
    own_neo4j: ServerProcess[Neo4jServer], workspace: str
) -> None:
    server = own_neo4j.address
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        driver.execute_query("CREATE USER $name SET PASSWORD 'the-secret'", name=workspace, database_="system")
    wrong = replace(server, username=workspace, password="not-the-secret")
    for _ in range(3):
        with pytest.raises((SettingsError, ServiceUnavailableError)):
            await check_neo4j(settings_of(wrong))
    with pytest.raises(ServiceUnavailableError, match="too many wrong passwords"):
        await check_neo4j(settings_of(wrong))


@pytest.mark.neo4j
async def test_a_missing_database_is_named(neo4j_server: Neo4jServer) -> None:
    with pytest.raises(SettingsError, match=r"no database 'nowhere'.*NEO4J_DATABASE"):
        await check_neo4j(settings_of(replace(neo4j_server, database="nowhere")))


@pytest.mark.neo4j
async def test_an_old_server_is_refused(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_checks, "OLDEST_NEO4J", (9999, 1))
    with pytest.raises(GraphError, match=r"is Neo4j \d+\.\d+.*; 9999\.1 or newer is needed"):
        await check_neo4j(settings_of(neo4j_server))


async def test_a_server_that_answers_later_is_worth_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that is starting or is short of memory: not to be had from a server at will."""

    async def later(*arguments: object, **parameters: object) -> None:
        raise neo4j.exceptions.DatabaseUnavailable

    monkeypatch.setattr(neo4j_checks, "_read", later)
    with pytest.raises(ServiceUnavailableError, match="cannot answer now"):
        await check_neo4j(settings_of(Neo4jServer("bolt://127.0.0.1:1", "neo4j", "secret")))


@pytest.mark.neo4j
async def test_a_server_that_went_is_worth_a_retry(own_neo4j: ServerProcess[Neo4jServer]) -> None:
    own_neo4j.kill()
    with pytest.raises(
        ServiceUnavailableError, match=r"No Neo4j server answers at bolt://127\.0\.0\.1:\d+.*make servers"
    ):
        await check_neo4j(settings_of(own_neo4j.address))


@pytest.mark.postgres
async def test_another_server_is_no_neo4j(postgres_server: PostgresServer) -> None:
    uri = f"bolt://{postgres_server.host}:{postgres_server.port}"
    with pytest.raises(ServiceUnavailableError, match="No Neo4j server answers"):
        await check_neo4j(settings_of(Neo4jServer(uri, "neo4j", "secret")))


@asynccontextmanager
async def listener(answer: bytes) -> AsyncIterator[str]:
    """The address of a server that answers the first bytes with ``answer`` and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    port = free_port()
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        yield f"bolt://127.0.0.1:{port}"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"])
async def test_whatever_answers_the_handshake_is_an_error_of_ours(answer: bytes) -> None:
    """Nothing, HTTP, a server that shares no version of the protocol, and one with the version of Neo4j 3.0."""
    async with listener(answer) as uri:
        with pytest.raises(ServiceUnavailableError, match="No Neo4j server answers"):
            await check_neo4j(settings_of(Neo4jServer(uri, "neo4j", "secret")))


@pytest.mark.parametrize(
    "uri", ["", "127.0.0.1:7687", "http://127.0.0.1:7474", "bolt://", "bolt://host:port", "bolt://a:secret@host:1"]
)
async def test_a_wrong_address_names_the_valid_ones(uri: str) -> None:
    with pytest.raises(SettingsError, match="Valid are bolt://HOST:PORT") as raised:
        await check_neo4j(settings_of(Neo4jServer(uri, "neo4j", "secret")))
    assert "secret" not in str(raised.value)


async def test_a_missing_password_is_named() -> None:
    with pytest.raises(SettingsError, match="NEO4J_PASSWORD is not set"):
        await check_neo4j(Settings(_env_file=None, neo4j_password=None))
