"""An entity's id, and its key in the graph: a name that LightRAG leaves as it is, and that no other entity has."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aegis_pipeline.records import Entity

# lightrag/constants.py: DEFAULT_ENTITY_NAME_MAX_LENGTH and _MAX_BYTES.
KEY_MAX_CHARACTERS = 256
KEY_MAX_BYTES = 512


def entity_id(key: str, sense: str) -> str:
    """The same in every document and every run: it depends on the normalised key and the sense alone."""
    return "ent-" + hashlib.sha256(f"{sense}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def graph_key(name: str) -> str:
    """The name as LightRAG keeps it (``lightrag.utils.normalize_entity_name``), cut to its limits.

    Empty where LightRAG keeps nothing: one or two digits, short dotted numbers. LightRAG's rules change a name that
    they have been applied to already, so they are applied until nothing changes.
    """
    from lightrag.utils import normalize_entity_name

    before, key = "", name
    while key != before:
        before, key = key, _cut(normalize_entity_name(key))
    return key


def with_unique_keys(entities: Iterable[Entity]) -> list[Entity]:
    """The same entities, each with a key of its own: the plain name for the one with most mentions, the others with
    their type in brackets, and where that is taken with their id as well."""
    ordered = sorted(entities, key=lambda e: (not e.is_node, -len(e.mentions), e.type, e.id))
    plain: dict[str, str] = {}
    for entity in ordered:
        key = graph_key(entity.name)
        if key:
            plain.setdefault(key, entity.id)
    taken = set(plain)
    keyed = []
    for entity in ordered:
        key = graph_key(entity.name)
        if plain.get(key) != entity.id:
            key = _free(entity, (f"({entity.type})", f"({entity.type}, {entity.id})"), taken)
            taken.add(key)
        keyed.append(replace(entity, key=key))
    return keyed


def _free(entity: Entity, suffixes: Sequence[str], taken: set[str]) -> str:
    """The name with the first suffix that makes it unique; the last holds the id, so that it always does."""
    for suffix in suffixes:
        key = graph_key(f"{_cut(entity.name, reserve=len(suffix.encode()) + 1)} {suffix}")
        if key not in taken:
            break
    return key


def _cut(name: str, reserve: int = 0) -> str:
    """The name within LightRAG's limits, less ``reserve`` for a suffix."""
    short = name[: KEY_MAX_CHARACTERS - reserve].encode("utf-8", "ignore")[: KEY_MAX_BYTES - reserve]
    return short.decode("utf-8", "ignore").strip()
