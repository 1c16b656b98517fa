"""The rows of nodes and edges in LightRAG's stores, as functions of the corpus alone: no order of writes shows in them.

They are the rows that LightRAG's own merge makes of the same extraction (a contract test compares the two), but for the
choice of sentences (``descriptions.py``), the order of sources, and ``name``, ``aliases`` and ``statements``, which are
ours. Times are added when a row is written.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lightrag.constants import DEFAULT_MAX_FILE_PATHS, DEFAULT_MAX_SOURCE_IDS_PER_ENTITY
from lightrag.utils import compute_mdhash_id, make_relation_chunk_key, make_relation_vdb_ids

from aegis_pipeline.graph import statements
from aegis_pipeline.graph.contributions import Naming
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.descriptions import SEPARATOR, choose
from aegis_pipeline.graph.identity import decode
from aegis_pipeline.graph.statements import Pair, Statement

Row = dict[str, Any]
Rows = dict[str, dict[Any, Row]]
Describe = Callable[[str, Iterable[str]], str]
CountTokens = Callable[[str], int]

# The rows of nodes and edges have stores of their own; the others are named as LightRAG's attributes.
NODES, EDGES = "nodes", "edges"


class Evidence(NamedTuple):
    """One sentence of a chunk that speaks of a node or an edge."""

    chunk_id: str
    file_path: str
    description: str
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the graph: documents, keys of nodes, and pairs of edges."""

    documents: frozenset[str]
    keys: frozenset[str]
    pairs: frozenset[Pair]


def describer(count_tokens: CountTokens, max_tokens: int) -> Describe:
    """How descriptions are chosen; the tokens of a sentence are counted once, however many nodes it describes."""
    counted: dict[str, int] = {}

    def count(sentence: str) -> int:
        if sentence not in counted:
            counted[sentence] = count_tokens(sentence)
        return counted[sentence]

    return lambda name, sentences: choose(name, sentences, count, max_tokens)


def graph_rows(corpus: Corpus, scope: Scope, describe: Describe) -> Rows:
    """The rows of the nodes and edges of ``scope``, in the graph, in the vectors and in the lists of their chunks."""
    mentioned, related, stated = _evidence(corpus, scope)
    names = corpus.names(scope.keys)
    types = {key: decode(thing).type for thing, key in corpus.keys.items() if key in scope.keys}
    nodes = {key: _node(key, types[key], found, names[key], describe) for key, found in sorted(mentioned.items())}
    edges = {pair: _edge(pair, found, stated[pair], describe) for pair, found in sorted(related.items())}
    return {
        NODES: nodes,
        EDGES: edges,
        "entity_chunks": {key: _tracked(found) for key, found in mentioned.items()},
        "relation_chunks": {make_relation_chunk_key(*pair): _tracked(found) for pair, found in related.items()},
        "entities_vdb": {entity_id(key): _entity_vector(key, node) for key, node in nodes.items()},
        "relationships_vdb": {relation_id(pair): _relation_vector(pair, edge) for pair, edge in edges.items()},
    }


def _evidence(
    corpus: Corpus, scope: Scope
) -> tuple[dict[str, list[Evidence]], dict[Pair, list[Evidence]], dict[Pair, list[Statement]]]:
    """What all documents say of each node and edge of ``scope``, and the statements of each edge."""
    mentioned, related, stated = defaultdict(list), defaultdict(list), defaultdict(list)
    keys = corpus.keys
    for document in corpus.documents.values():
        for chunk_id, facts in document.facts.items():
            for thing, description in facts.entities:
                if (key := keys[thing]) in scope.keys:
                    mentioned[key].append(Evidence(chunk_id, document.file_path, description))
            for first, second, keywords, description in facts.pairs:
                if (pair := sorted_pair(keys[first], keys[second])) in scope.pairs:
                    related[pair].append(Evidence(chunk_id, document.file_path, description, keywords))
        for statement in document.statements:
            if sorted_pair(keys[statement.head], keys[statement.tail]) in scope.pairs:
                keyed = statement.renamed(keys)
                stated[keyed.pair].append(keyed)
    return mentioned, related, stated


def sorted_pair(first: str, second: str) -> Pair:
    """The pair in the order in which edges are keyed."""
    return (first, second) if first < second else (second, first)


def _node(key: str, type_: str, found: Sequence[Evidence], namings: Sequence[Naming], describe: Describe) -> Row:
    name = _most_common(naming.name for naming in namings)
    aliases = {alias for naming in namings for alias in (naming.name, *naming.aliases)} - {name}
    return {
        "entity_id": key,
        "entity_type": type_,
        "description": describe(name, (evidence.description for evidence in found)),
        **_sources(found),
        "name": name,
        "aliases": json.dumps(sorted(aliases), ensure_ascii=False),
    }


def _most_common(words: Iterable[str]) -> str:
    count = Counter(words)
    return min(count, key=lambda word: (-count[word], word))


def _edge(pair: Pair, found: Sequence[Evidence], stated: Sequence[Statement], describe: Describe) -> Row:
    """An edge's weight is the number of chunks that state it."""
    return {
        "weight": float(len({evidence.chunk_id for evidence in found})),
        "description": describe(pair[0], (evidence.description for evidence in found)),
        "keywords": ",".join(sorted({word for evidence in found for word in evidence.keywords.split(",")})),
        **_sources(found),
        statements.PROPERTY: statements.encode(stated),
    }


def _sources(found: Sequence[Evidence]) -> dict[str, str]:
    """Chunks and files in order, within LightRAG's caps; ``truncate`` says how many chunks are named of how many."""
    path_of = {evidence.chunk_id: evidence.file_path for evidence in found}
    kept = sorted(path_of)[:DEFAULT_MAX_SOURCE_IDS_PER_ENTITY]
    files = sorted({path_of[chunk_id] for chunk_id in kept})[:DEFAULT_MAX_FILE_PATHS]
    truncate = "" if len(kept) == len(path_of) else f"KEEP {len(kept)}/{len(path_of)}"
    return {"source_id": SEPARATOR.join(kept), "file_path": SEPARATOR.join(files), "truncate": truncate}


def _tracked(found: Sequence[Evidence]) -> Row:
    chunk_ids = sorted({evidence.chunk_id for evidence in found})
    return {"chunk_ids": chunk_ids, "count": len(chunk_ids)}


def entity_id(key: str) -> str:
    """The id of a node's vector."""
    return str(compute_mdhash_id(key, prefix="ent-"))


def relation_id(pair: Pair) -> str:
    """The id of an edge's vector."""
    return str(make_relation_vdb_ids(*pair)[0])


def _entity_vector(key: str, node: Mapping[str, Any]) -> Row:
    return {
        "entity_name": key,
        "entity_type": node["entity_type"],
        "content": f"{key}\n{node['description']}",
        "source_id": node["source_id"],
        "file_path": node["file_path"],
    }


def _relation_vector(pair: Pair, edge: Mapping[str, Any]) -> Row:
    first, second = pair
    return {
        "src_id": first,
        "tgt_id": second,
        "source_id": edge["source_id"],
        "content": f"{edge['keywords']}\t{first}\n{second}\n{edge['description']}",
        "keywords": edge["keywords"],
        "description": edge["description"],
        "weight": edge["weight"],
        "file_path": edge["file_path"],
    }
