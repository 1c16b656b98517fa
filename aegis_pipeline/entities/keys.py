"""An entity's id, and its key in the graph: a name that LightRAG leaves as it is, and that no other entity has.

Keys are given to *things*, in two places and by the same rules: to the entities of one batch when they are linked, and
to what all batches of a graph speak of when they are written (``aegis_pipeline/graph/identity.py``).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from aegis_pipeline.records import Entity

# lightrag/constants.py: DEFAULT_ENTITY_NAME_MAX_LENGTH and _MAX_BYTES.
KEY_MAX_CHARACTERS = 256
KEY_MAX_BYTES = 512

# Names in which LightRAG's rules find nothing to do, well within its limits: its 20 replacements take 170 µs a name.
_LEFT_ALONE = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ](?:[A-Za-z0-9À-ÖØ-öø-ɏ .,()/-]{0,198}[A-Za-z0-9À-ÖØ-öø-ɏ)])?", re.ASCII)


class Thing(NamedTuple):
    """What a key stands for: the plain name as LightRAG keeps it, the type, and a mark that tells apart what has both.

    The first of a batch's entities with one name and type has no mark, the others have their id.
    """

    plain: str
    type: str
    mark: str = ""


class Claim(NamedTuple):
    """An entity that wants a key, and how much speaks for it, most important first."""

    id: str
    name: str
    type: str
    weight: tuple[int, ...]


def entity_id(key: str, sense: str) -> str:
    """The same in every document and every run: it depends on the normalised key and the sense alone."""
    return "ent-" + hashlib.sha256(f"{sense}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@lru_cache(maxsize=1 << 17)
def graph_key(name: str) -> str:
    """The name as LightRAG keeps it (``lightrag.utils.normalize_entity_name``), cut to its limits.

    Empty where LightRAG keeps nothing: one or two digits, short dotted numbers. LightRAG's rules change a name that
    they have been applied to already, so they are applied until nothing changes.
    """
    if _LEFT_ALONE.fullmatch(name):
        return name
    from lightrag.utils import normalize_entity_name

    before, key = "", name
    while key != before:
        before, key = key, _cut(normalize_entity_name(key))
    return key


def distinguish(claims: Iterable[Claim]) -> dict[str, Thing]:
    """Entity id → thing, for the entities of one batch. Their order does not matter."""
    found, seen = {}, set()
    for claim in sorted(claims, key=lambda c: (*(-value for value in c.weight), c.id)):
        plain = graph_key(claim.name) or graph_key(f"{claim.name} ({claim.type})")
        found[claim.id] = Thing(plain, claim.type, claim.id if (plain, claim.type) in seen else "")
        seen.add((plain, claim.type))
    return found


def assign_keys(weights: Mapping[Thing, tuple[int, ...]]) -> dict[Thing, str]:
    """Thing → key: the plain name for the type with most weight (the first by name where they are level), the others
    with their type in brackets, and where that is taken or there is a mark, with that as well."""
    owners: dict[str, Thing] = {}
    by_plain: dict[str, list[Thing]] = defaultdict(list)
    for thing in weights:
        by_plain[thing.plain].append(thing)
    for plain, group in by_plain.items():
        owners[plain] = min(group, key=lambda t: (t.mark != "", *(-value for value in weights[t]), t))
    return {
        thing: plain if thing == owners[plain] else _suffixed(thing, owners)
        for plain, g in by_plain.items()
        for thing in g
    }


def with_unique_keys(entities: Iterable[Entity]) -> list[Entity]:
    """The same entities, each with a key of its own; of those with one plain name the type that most documents mention
    has it, and what is no node of the graph never takes it from one that is."""
    given = list(entities)
    claims = {e.id: Claim(e.id, e.name, e.type, _weight(e)) for e in given}
    thing_of = distinguish(claims.values())
    keys = assign_keys({thing: claims[entity_id].weight[:-1] for entity_id, thing in thing_of.items()})
    keyed = [(entity, keys[thing_of[entity.id]]) for entity in given]
    return [entity if entity.key == key else replace(entity, key=key) for entity, key in keyed]


def _weight(entity: Entity) -> tuple[int, ...]:
    return (int(entity.is_node), len({mention.document_id for mention in entity.mentions}), len(entity.mentions))


def _suffixed(thing: Thing, taken: Mapping[str, Thing]) -> str:
    """The plain name with type and mark; a hash stands in for the mark where the name was cut or the key is taken."""
    key = _with_suffix(thing)
    if key is None or key in taken:
        key = _with_suffix(thing._replace(mark=thing.mark or entity_id(thing.plain, thing.type)), cut=True)
    return str(key)


def _with_suffix(thing: Thing, *, cut: bool = False) -> str | None:
    suffix = f"({thing.type}, {thing.mark})" if thing.mark else f"({thing.type})"
    short = _cut(thing.plain, reserve=len(suffix.encode()) + 1)
    return graph_key(f"{short} {suffix}") if cut or short == thing.plain else None


def _cut(name: str, reserve: int = 0) -> str:
    """The name within LightRAG's limits, less ``reserve`` for a suffix."""
    short = name[: KEY_MAX_CHARACTERS - reserve].encode("utf-8", "ignore")[: KEY_MAX_BYTES - reserve]
    return short.decode("utf-8", "ignore").strip()
