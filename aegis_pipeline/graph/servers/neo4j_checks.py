"""Whether the Neo4j server of the settings can hold our graph: asked before a write, and by ``aegis doctor``.

Nothing is changed on the server.
"""

import re

from neo4j import AsyncDriver, AsyncGraphDatabase, RoutingControl
from neo4j.exceptions import AuthError, ClientError, DriverError, Neo4jError

from aegis_pipeline.errors import AegisError, GraphError, ServiceUnavailableError, SettingsError
from aegis_pipeline.settings import Settings

# The release of 5 with long-term support, which the tests run against. LightRAG 1.5.7 alone would do with 4.4.
OLDEST_NEO4J = (5, 26)

_ADDRESS = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://([^/@:?\s]+|\[[0-9a-fA-F:]+\])(:\d+)?/?(\?\S*)?")
_TIMEOUT_SECONDS = 5.0  # for one connection; a server of the local network answers in milliseconds
_NOT_FOUND = "Neo.ClientError.Database.DatabaseNotFound"
_TOO_MANY_TRIES = "Neo.ClientError.Security.AuthenticationRateLimit"


async def check_neo4j(configured: Settings) -> str:
    """The server's version and edition, when it can hold our graph in the workspace of the settings.

    Raises:
        ServiceUnavailableError: nothing answers at ``NEO4J_URI``, or its database is not up: worth a retry.
        SettingsError: the address, the user, the password or the database is wrong.
        GraphError: the server is too old, or our label holds nodes that are not ours.
    """
    async with _driver(configured) as driver:
        try:
            version = await _check_version(driver, configured)
            await _check_label(driver, configured)
        except (DriverError, Neo4jError, OSError) as error:
            raise _explain(error, configured) from None
        return version


def _driver(configured: Settings) -> AsyncDriver:
    """A driver that tries once. What is wrong with its address and password can be told before it is used."""
    if not _ADDRESS.fullmatch(configured.neo4j_uri):
        shown = re.sub("//.*@", "//…@", configured.neo4j_uri)  # who writes a user there writes a password too
        raise SettingsError(
            f"NEO4J_URI={shown!r} is no address of a Neo4j server. Valid are bolt://HOST:PORT and neo4j://HOST:PORT, "
            "with +s or +ssc where it is encrypted. The user is NEO4J_USERNAME, the password NEO4J_PASSWORD."
        )
    if configured.neo4j_password is None:
        raise SettingsError("NEO4J_PASSWORD is not set: Neo4j needs one. Set it in the environment or in .env.")
    return AsyncGraphDatabase.driver(
        configured.neo4j_uri,
        auth=(configured.neo4j_username, configured.neo4j_password.get_secret_value()),
        connection_timeout=_TIMEOUT_SECONDS,
        max_transaction_retry_time=0,
        notifications_min_severity="OFF",  # a label that nothing has yet is no news
    )


async def _check_version(driver: AsyncDriver, configured: Settings) -> str:
    query = "CALL dbms.components() YIELD versions, edition RETURN versions[0] AS version, edition"
    (found,) = await _read(driver, configured, query)
    version = str(found["version"])
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_NEO4J:
        oldest = ".".join(map(str, OLDEST_NEO4J))
        raise GraphError(
            f"The server at {configured.neo4j_uri} is Neo4j {version}; {oldest} or newer is needed. "
            "Upgrade it, or set NEO4J_URI to another."
        )
    return f"Neo4j {version} {found['edition']}"


async def _check_label(driver: AsyncDriver, configured: Settings) -> None:
    """Our first write makes the constraint before any node, and every node of LightRAG has an ``entity_id``: a label
    with nodes but without the constraint, or a node without the property, is somebody else's."""
    label = configured.aegis_workspace
    constraint = (
        "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties "
        "WHERE type ENDS WITH 'UNIQUENESS' AND labelsOrTypes = [$label] AND properties = ['entity_id'] RETURN type"
    )
    ours = bool(await _read(driver, configured, constraint, label=label))
    condition = "WHERE n.entity_id IS NULL" if ours else ""
    (found,) = await _read(driver, configured, f"MATCH (n:`{label}`) {condition} RETURN count(n) AS foreign")
    if found["foreign"]:
        raise GraphError(
            f"Database {configured.neo4j_database!r} at {configured.neo4j_uri} holds {found['foreign']} nodes labelled "
            f"{label!r} that this project did not write. Nothing was changed. "
            "Set AEGIS_WORKSPACE to a name that is not in use there, or NEO4J_DATABASE to another database."
        )


async def _read(driver: AsyncDriver, configured: Settings, query: str, **parameters: str) -> list[dict[str, object]]:
    """The rows of a query. The label in it has passed the pattern of ``AEGIS_WORKSPACE``: nothing is to be escaped."""
    result = await driver.execute_query(
        query, parameters, database_=configured.neo4j_database, routing_=RoutingControl.READ
    )
    return [record.data() for record in result.records]


def _explain(error: Exception, configured: Settings) -> AegisError:
    """The error of ours for one of the driver's: what was wrong, what is valid, and what to do next."""
    uri, code = configured.neo4j_uri, getattr(error, "code", None)
    if code == _NOT_FOUND:
        return SettingsError(
            f"Neo4j at {uri} has no database {configured.neo4j_database!r}. Set NEO4J_DATABASE to one that "
            "`SHOW DATABASES` lists (a new server has `neo4j`), or create it there."
        )
    if code == _TOO_MANY_TRIES:
        return ServiceUnavailableError(f"Neo4j at {uri} saw too many wrong passwords. Try again in some seconds.")
    if isinstance(error, AuthError):
        return SettingsError(
            f"Neo4j at {uri} refuses user {configured.neo4j_username!r} with this password. "
            "Set NEO4J_USERNAME and NEO4J_PASSWORD to those of the server."
        )
    if isinstance(error, ClientError):
        return GraphError(f"Neo4j at {uri} refuses what user {configured.neo4j_username!r} must be able to do: {error}")
    if isinstance(error, Neo4jError):
        return ServiceUnavailableError(f"Neo4j at {uri} cannot answer now ({code}). Try again in some seconds.")
    return ServiceUnavailableError(
        f"No Neo4j server answers at {uri} ({type(error).__name__}). "
        "Start it (`make servers` starts one), or set NEO4J_URI to where it is."
    )
