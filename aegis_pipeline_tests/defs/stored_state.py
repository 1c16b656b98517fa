"""Everything that a run has left in the lake and in the graph, as one digest a table, but for times and vectors."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.stores import document_lake, graph_root
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.reference import stored
from aegis_pipeline_tests.graph.served_worlds import run_cypher, run_sql

# A name's vector may differ in its last bits with the names that are encoded beside it.
_LEFT_OUT = {"create_time", "update_time", "created_at", "updated_at", "__created_at__", "__write_seq__"}
_LEFT_OUT |= {"vector", "__vector__", "content_vector"}
_TABLES = (
    "SELECT table_name AS t FROM information_schema.columns WHERE column_name = 'workspace' AND table_name LIKE $1"
)
_NODES = "MATCH (n) WHERE $w IN labels(n) OR n.workspace = $w RETURN labels(n) AS labels, properties(n) AS of"
_EDGES = (
    "MATCH (a)-[r]->(b) WHERE $w IN labels(a) OR a.workspace = $w "
    "RETURN type(r) AS type, properties(a) AS a, properties(r) AS r, properties(b) AS b"
)


def stored_state(configured: Settings, batch: str) -> dict[str, str]:
    """Table → digest of its rows: the batch's in the lake, and the whole graph's."""
    graph = _servers if configured.storages.use_servers else _files
    return {
        name: _digest(rows) for name, rows in {**_lake(document_lake(configured), batch), **graph(configured)}.items()
    }


def _digest(rows: Iterable[Any]) -> str:
    lines = sorted(json.dumps(_lasting(row), sort_keys=True, default=str) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _lasting(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _lasting(own) for name, own in value.items() if name not in _LEFT_OUT}
    return [_lasting(own) for own in value] if isinstance(value, list | tuple) else value


def _lake(lake: DocumentLake, batch: str) -> dict[str, list[Any]]:
    """In the order of the rows, which is the same for the same documents."""
    import pyarrow.parquet as pq

    tables = {
        path.stem: path for path in (lake.root / batch).iterdir() if path.name[0] != "." and path.suffix == ".parquet"
    }
    rows = {f"lake/{name}": pq.read_table(str(path)).to_pylist() for name, path in tables.items()}
    return {name: list(enumerate(found)) for name, found in rows.items()} | {"lake/origin": [lake.origin(batch)]}


def _files(configured: Settings) -> dict[str, list[Any]]:
    generations = Generations(graph_root(configured))
    folder = generations.folder(str(generations.current))
    return {f"graph/{name}": list(rows.items()) for name, rows in stored(folder).items()}


def _servers(configured: Settings) -> dict[str, list[Any]]:
    return asyncio.run(_from_servers(configured))


async def _from_servers(configured: Settings) -> dict[str, list[Any]]:
    found, workspace = {}, configured.aegis_workspace
    for pattern in ("lightrag_%", "aegis_documents"):
        for table in [row["t"] for row in await run_sql(configured, _TABLES, pattern)]:
            rows = await run_sql(configured, f'SELECT * FROM "{table}" WHERE workspace = $1', workspace)
            found[f"postgres/{table}"] = [{**row, "workspace": ""} for row in map(dict, rows)]
    for name, query in (("nodes", _NODES), ("edges", _EDGES)):
        found[f"neo4j/{name}"] = [
            _anonymous(row, workspace) for row in await run_cypher(configured, query, w=workspace)
        ]
    return found


def _anonymous(row: Any, workspace: str) -> Any:
    """Without the name of the workspace, which is another one for every life of a graph."""
    return json.loads(json.dumps(row, default=str).replace(workspace, ""))
