"""The words of the typed graph: closed for predicates, safe for whatever type a user names."""

import re

import pytest
from pydantic import ValidationError

from aegis_pipeline.graph.mapping import graph_type
from aegis_pipeline.graph.typed.schema import entity_label, relationship_type
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.graph.test_hostile_names import HOSTILE

TYPES = [
    "person",
    "medical_device",
    "r&d / lab",
    "drug-dose",
    "3d",
    "人物",
    "ärztin",
    "_x",
    "___",
    "document",
    "entity",
]


@pytest.mark.parametrize(
    ("type_", "label"),
    [
        ("person", "Person"),
        ("medical_device", "MedicalDevice"),
        ("drug-dose", "DrugDose"),
        ("ärztin", "Ärztin"),
        ("3d", "3d"),
        ("_x", "X"),
        ("___", "Other"),
        ("document", "DocumentEntity"),
        ("chunk", "ChunkEntity"),
        ("entity", "Entity"),
    ],
)
def test_typed_schema_label_of_a_type(type_: str, label: str) -> None:
    assert entity_label(type_) == label


@pytest.mark.parametrize("type_", [*TYPES, *HOSTILE.values()])
def test_typed_schema_no_label_can_be_a_workspace_or_another_kind_of_node(type_: str) -> None:
    label = entity_label(graph_type(type_))
    assert label
    assert label not in {"Document", "Chunk"}
    with pytest.raises(ValidationError, match="aegis_workspace"):
        Settings(aegis_workspace=label)


def test_typed_schema_predicates_have_types_of_their_own() -> None:
    types = [relationship_type(predicate) for predicate in load_schema()]
    assert len(set(types)) == len(types)
    assert not {"HAS_CHUNK", "MENTIONS", "DIRECTED"} & set(types)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", type_) for type_ in types)
    assert relationship_type("educated_at") == "EDUCATED_AT"
