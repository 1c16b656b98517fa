"""docs/graph-schema.md tells what is in the typed graph, and each of its queries gives what it promises."""

import importlib.util
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, LiteralString, cast

import pytest

from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.typed.schema import entity_label
from aegis_pipeline_tests.graph.gold_samples import gold_samples
from aegis_pipeline_tests.graph.typed_graphs import TypedGraph, planned, typed_graph
from aegis_pipeline_tests.servers.addresses import Neo4jServer

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "graph-schema.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (.+?)\n(.+?)(?=^###|\Z)", PAGE, re.MULTILINE | re.DOTALL))
Rows = list[list[Any]]


def _has(*row: Any) -> Callable[[Rows], bool]:
    """One of the rows begins with these values."""
    return lambda rows: any(found[: len(row)] == list(row) for found in rows)


# What a reader of the samples would expect of each query.
EXPECTED: dict[str, Callable[[Rows], bool]] = {
    "Which entities have a name like this?": lambda rows: rows[0][0] == "Acorn Computers",
    "What is stated of an entity?": lambda rows: (
        ["Maurice Wilkes", "educated_at", "University of Cambridge"] in [row[:3] for row in rows]
        and ["EDSAC", "developer", "Maurice Wilkes"] in [row[:3] for row in rows]
        and all(row[5] for row in rows)
    ),
    "Where is it mentioned, and by what names?": lambda rows: (
        len({row[0] for row in rows}) > 3 and all(row[1] == row[4] for row in rows)
    ),
    "Who works where?": lambda rows: "University of Cambridge" in next(r for r in rows if r[0] == "Maurice Wilkes")[1],
    "How are two entities connected?": lambda rows: (
        len(rows) == 1 and rows[0][0][0] == "Grace Hopper" and rows[0][0][-1] == "Maurice Wilkes"
    ),
    "What do several documents agree on?": _has("Ferranti", "country", "United Kingdom", 6),
    "Where do they disagree?": _has("Atlas (computer)", "inception"),
    "What should somebody check first?": lambda rows: all(row[1] > 0 and row[2] == "gold/1" and row[3] for row in rows),
    "Who stands together, and nobody says how?": lambda rows: all(row[0] < row[1] and row[2] > 0 for row in rows),
    "What does LightRAG know of the same entity?": lambda rows: (
        set(rows[0][0]) == {"Entity", "Other"} and "EDSAC" in rows[0][1] and rows[0][2] > 5 and len(rows[0][3]) == 5
    ),
}


@pytest.fixture
async def graph(neo4j_server: Neo4jServer) -> AsyncIterator[TypedGraph]:
    """Both graphs of the samples, by their gold."""
    async with typed_graph(neo4j_server) as opened:
        corpus = Corpus({"samples": gold_samples()})
        update = planned(Corpus(), corpus)
        await opened.apply_lightrag(update)
        await opened.apply(update)
        opened.corpus = corpus
        await opened.rows("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
        yield opened


def _parameters(section: str) -> dict[str, Any]:
    """The example that the text gives of each parameter."""
    found = re.findall(r"`\$(\w+)`.+?for example\s+`([^`]+)`", section.split("```")[0], re.DOTALL)
    return {name: float(value) if re.fullmatch(r"[\d.]+", value) else value for name, value in found}


def _queries(section: str) -> list[str]:
    return re.findall(r"```cypher\n(.+?)```", section, re.DOTALL)


def test_graph_schema_page_has_ten_queries() -> None:
    assert len(SECTIONS) == 10
    assert SECTIONS.keys() == EXPECTED.keys()
    for section in SECTIONS.values():
        (query,) = _queries(section)
        assert set(re.findall(r"\$(\w+)", query)) == {"workspace", *_parameters(section)}


@pytest.mark.neo4j
async def test_graph_schema_page_queries_give_what_they_promise(graph: TypedGraph) -> None:
    for title, section in SECTIONS.items():
        (query,) = _queries(section)
        rows = await graph.rows(cast(LiteralString, query), **_parameters(section))
        assert rows, title
        assert EXPECTED[title](rows), (title, rows[:5])


@pytest.mark.neo4j
async def test_graph_schema_page_names_every_label_relationship_and_property(graph: TypedGraph) -> None:
    told = {owner: set(names) for owner, names in _drawing().properties(PAGE).items()}
    nodes = await graph.rows("MATCH (n {workspace: $workspace}) UNWIND labels(n) AS l RETURN DISTINCT l, keys(n)")
    kinds = {entity_label(type_) for type_ in ("person", "organization", "place", "date", "other")}
    found = {(kind if kind not in kinds else "Entity", frozenset(names)) for kind, names in nodes}
    assert found == {(kind, frozenset(told[kind])) for kind in ("Document", "Chunk", "Entity")}
    of = await graph.rows("MATCH ({workspace: $workspace})-[r]->() RETURN DISTINCT type(r), keys(r)")
    statement = told["EDUCATED_AT"]
    assert all(set(names) == told.get(type_, statement) for type_, names in of)
    assert {"HAS_CHUNK", "MENTIONS", "EDUCATED_AT"} < {type_ for type_, _ in of}


def test_graph_schema_picture_is_that_of_the_page() -> None:
    drawing = _drawing()
    assert drawing.PICTURE.read_text("utf-8") == drawing.picture(PAGE), "run: python scripts/draw_schema.py"


def _drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_schema", REPOSITORY / "scripts" / "draw_schema.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
