"""Where a server is and who may use it, from the environment and for the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """A Neo4j server; ``owned`` when the tests started it."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str = "neo4j"
    owned: bool = False

    @classmethod
    def from_environment(cls, given: Mapping[str, str] = os.environ) -> Self | None:
        """The server that ``NEO4J_URI`` names, where it is set."""
        if "NEO4J_URI" not in given:
            return None
        username, password = given.get("NEO4J_USERNAME", "neo4j"), given.get("NEO4J_PASSWORD", "")
        return cls(given["NEO4J_URI"], username, password, given.get("NEO4J_DATABASE", "neo4j"))

    def environment(self) -> dict[str, str]:
        """The settings that name this server."""
        return {
            "NEO4J_URI": self.uri,
            "NEO4J_USERNAME": self.username,
            "NEO4J_PASSWORD": self.password,
            "NEO4J_DATABASE": self.database,
        }


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL server with pgvector; ``owned`` when the tests started it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = "postgres"
    owned: bool = False

    @classmethod
    def from_environment(cls, given: Mapping[str, str] = os.environ) -> Self | None:
        """The server that ``POSTGRES_HOST`` names, where it is set."""
        if "POSTGRES_HOST" not in given:
            return None
        user, password = given.get("POSTGRES_USER", "postgres"), given.get("POSTGRES_PASSWORD", "")
        port, database = int(given.get("POSTGRES_PORT", "5432")), given.get("POSTGRES_DATABASE", "postgres")
        return cls(given["POSTGRES_HOST"], port, user, password, database)

    def environment(self) -> dict[str, str]:
        """The settings that name this server."""
        return {
            "POSTGRES_HOST": self.host,
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DATABASE": self.database,
        }
