"""Whose write it is, as the server knows it: the run's correlation id goes through to the transaction."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from neo4j import AsyncManagedTransaction

from aegis_pipeline.graph.neo4j import storage
from aegis_pipeline.graph.update import Update
from aegis_pipeline.logs import bound
from aegis_pipeline_tests.graph.served_worlds import served, settings_of
from aegis_pipeline_tests.graph.worlds import batch, text
from aegis_pipeline_tests.servers.addresses import Neo4jServer

pytestmark = pytest.mark.neo4j


def test_a_write_carries_the_correlation_id_and_the_batch(
    neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    write_typed = storage.write_typed

    async def asking(tx: AsyncManagedTransaction, workspace: str, update: Update) -> None:
        record = await (await tx.run("CALL tx.getMetaData()")).single(strict=True)
        told.append(record["metadata"])
        await write_typed(tx, workspace, update)

    monkeypatch.setattr(storage, "write_typed", asking)
    with served(settings_of(f"t{uuid4().hex[:12]}", neo4j_server, None), tmp_path) as store:
        with bound(correlation_id="c", batch="b", phase="graph"):
            store.write(batch("b", {"a.txt": text(1)}))
        store.remove("b")
    assert told == [{"correlation_id": "c", "batch": "b"}, {}]
