"""Settings of the stores and their servers."""

from pydantic import BaseModel, Field, SecretStr

from aegis_pipeline.settings.choices import GraphStorage, RowStorage


class StoreSettings(BaseModel):
    """Where each store is, where its profile does not say it, and how its server is reached."""

    graph_storage: GraphStorage | None = Field(
        None, description="Nodes and edges: files or neo4j. By default as AEGIS_PROFILE says."
    )
    vector_storage: RowStorage | None = Field(
        None, description="Vectors: files or postgres (with pgvector). By default as AEGIS_PROFILE says."
    )
    kv_storage: RowStorage | None = Field(
        None,
        description="Texts, chunks, what batches contribute: files or postgres. By default as AEGIS_PROFILE says.",
    )
    doc_status_storage: RowStorage | None = Field(
        None, description="Statuses of documents: files or postgres. By default as AEGIS_PROFILE says."
    )
    aegis_workspace: str = Field(
        "aegis",
        pattern=r"^[a-z_][A-Za-z0-9_]{0,62}$",  # labels of the typed graph begin with a capital
        description="LightRAG's workspace in the servers: the label of its nodes in Neo4j, a column in PostgreSQL.",
    )

    # Neo4j
    neo4j_uri: str = Field("bolt://127.0.0.1:7687", description="Address of the Neo4j server.")
    neo4j_username: str = Field("neo4j", description="User of the Neo4j server.")
    neo4j_password: SecretStr | None = Field(None, description="Password of the Neo4j server.")
    neo4j_database: str = Field("neo4j", description="Database on the Neo4j server.")

    # PostgreSQL
    postgres_host: str = Field("127.0.0.1", description="Host of the PostgreSQL server, or the folder of its socket.")
    postgres_port: int = Field(5432, ge=1, le=65535, description="Port of the PostgreSQL server.")
    postgres_user: str = Field("postgres", description="User of the PostgreSQL server.")
    postgres_password: SecretStr | None = Field(None, description="Password of the PostgreSQL server.")
    postgres_database: str = Field("postgres", description="Database on the PostgreSQL server.")
