"""The JSON schema of an answer: no other ids, no other relations, no longer texts than were asked for."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aegis_pipeline.relations.llm.sections import Section
from aegis_pipeline.relations.schema import Predicate, RelationSchema

STRONGEST = 10
LONGEST_QUOTE = 40
"""Characters: five words of English have 30, and one in ten five have more than 38. What the end is missing of is found
in the text all the same."""


def offered(types: Collection[str], schema: RelationSchema) -> list[Predicate]:
    """The predicates that can hold between two things of these types; of two that are inverse to each other, the one
    that the graph keeps: the other one says the same (``reading.py`` adds it)."""
    possible = [found for found in schema.values() if found.head & set(types) and found.tail & set(types)]
    kept = {schema.kept(found).key for found in possible}
    return [found for found in possible if found.key in kept or schema.kept(found) not in possible]


def answer_schema(
    sections: Mapping[str, Section], allowed: Mapping[str, Sequence[Predicate]], most_statements: Mapping[str, int]
) -> dict[str, Any]:
    """For each section a list of [head, relation, tail, quote, strength]: an array takes half the tokens of an object.

    ``items`` is left out on purpose: llama.cpp's grammar would take it in the place of ``prefixItems``.
    """
    lists = {key: _list(section, allowed[key], most_statements[key]) for key, section in sections.items()}
    return {"type": "object", "properties": lists, "required": list(lists), "additionalProperties": False}


def _list(section: Section, allowed: Sequence[Predicate], most: int) -> dict[str, Any]:
    ids = {"enum": [named.key for named in section.entities]}
    parts = [
        ids,
        {"enum": [predicate.key for predicate in allowed]},
        ids,
        {"type": "string", "minLength": 1, "maxLength": LONGEST_QUOTE},
        {"type": "integer", "minimum": 1, "maximum": STRONGEST},
    ]
    statement = {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}
    return {"type": "array", "items": statement, "maxItems": most}
