"""The words of the typed graph: its labels, its relationship types, and what keeps its nodes single and findable.

Every label begins with a capital or a sign without case, and ``AEGIS_WORKSPACE`` never does: no node of the typed graph
can be taken for one of LightRAG's, whose label is the workspace.
"""

import re
from typing import LiteralString

_KEYS: dict[LiteralString, LiteralString] = {"Document": "id", "Chunk": "id", "Entity": "entity_id"}

SCHEMA: tuple[LiteralString, ...] = (
    *(
        f"CREATE CONSTRAINT aegis_{label} IF NOT EXISTS FOR (n:{label}) REQUIRE (n.workspace, n.{key}) IS UNIQUE"
        for label, key in _KEYS.items()
    ),
    "CREATE FULLTEXT INDEX aegis_names IF NOT EXISTS FOR (n:Entity) ON EACH [n.name, n.aliases]",
)


def entity_label(type_: str) -> str:
    """The label of an entity's type beside ``Entity``: ``medical_device`` gives ``MedicalDevice``.

    A type that is called as a label for something else, ``document``, gives ``DocumentEntity``.
    """
    words = re.findall(r"[^\W_]+", type_)
    label = "".join(word[0].upper() + word[1:] for word in words) or "Other"
    return f"{label}Entity" if label in {"Document", "Chunk"} else label


def relationship_type(predicate: str) -> str:
    """The type of a statement's relationship: ``educated_at`` gives ``EDUCATED_AT``."""
    return predicate.upper()
