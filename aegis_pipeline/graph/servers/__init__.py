"""What must be true of the servers of the settings before anything is written to them."""

from aegis_pipeline.graph.servers.neo4j_checks import check_neo4j
from aegis_pipeline.graph.servers.postgres_checks import check_postgres

__all__ = ["check_neo4j", "check_postgres"]
