"""The user's glossary: the file, and how it wins over a model."""

import json
from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.mentions import (
    GlossaryEntry,
    RegexMentionExtractor,
    SpacyMentionExtractor,
    load_glossary,
    same_names,
)
from aegis_pipeline_tests.mentions.texts import check, chunk, found, ruled


def test_glossary_wins_over_the_model_and_keeps_its_case_rules() -> None:
    glossary = [
        GlossaryEntry(name="Acme Rocket", type="PRODUCT"),
        GlossaryEntry(name="IT", type="ORG"),
        GlossaryEntry(name="Graph Store", type="tool", aliases=("GS",)),
    ]
    chunks = [chunk("The Acme Rocket: it uses IT and a graph store, a GS; gs is no name.")]
    result = SpacyMentionExtractor(ruled(("ORG", "Acme")), glossary).extract(chunks)
    check(result, chunks)
    assert found(result) == [
        ("Acme Rocket", "PRODUCT", "glossary"),
        ("IT", "ORG", "glossary"),
        ("graph store", "tool", "glossary"),
        ("GS", "tool", "glossary"),
    ]
    assert result.mentions[2].type == "tool"
    assert found(RegexMentionExtractor(glossary).extract(chunks))[:2] == [
        ("Acme Rocket", "PRODUCT", "glossary"),
        ("IT", "ORG", "glossary"),
    ]


def test_glossary_names_do_not_cross_sentences() -> None:
    chunks = [chunk("He saw Graph Store", (0, 12), (13, 18))]
    glossary = [GlossaryEntry(name="Graph Store", type="tool"), GlossaryEntry(name="graph", type="idea")]
    assert found(SpacyMentionExtractor(ruled(), glossary).extract(chunks)) == [("Graph", "idea", "glossary")]


def test_load_glossary_from_toml_and_jsonl(tmp_path: Path) -> None:
    rows = [{"name": "Graph Store", "type": "tool", "aliases": ["GS"]}, {"name": "Acme", "type": "ORG"}]
    toml, jsonl = tmp_path / "g.toml", tmp_path / "g.jsonl"
    toml.write_text(
        '[[entry]]\nname="Graph Store"\ntype="tool"\naliases=["GS"]\n[[entry]]\nname="Acme"\ntype="ORG"\n', "utf-8"
    )
    jsonl.write_text("\n\n".join(map(json.dumps, rows)), "utf-8")
    assert load_glossary(toml) == load_glossary(jsonl) == tuple(GlossaryEntry(**row) for row in rows)
    assert same_names(load_glossary(toml)) == {"GS": "Graph Store"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("g.jsonl", '{"name": "A", "type": "ORG"}\n{"name": "B"}', "line 2: type: Field required"),
        ("g.jsonl", '{"name": "A", "type": "ORG", "alias": []}', "line 1: alias: Extra inputs"),
        ("g.jsonl", '{"name": "A"', "line 1 is no JSON"),
        ("g.jsonl", '{"name": " ", "type": "ORG"}', "line 1: name"),
        ("g.toml", '[[entry]]\nname = "A"\ntype = 3', "entry 1: type"),
        ("g.toml", "entry = [", "cannot be read"),
    ],
)
def test_bad_glossary_names_place_and_fields(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        load_glossary(tmp_path / name)
    assert told in str(caught.value)
    assert "fields: name and type" in str(caught.value)


def test_missing_glossary(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_glossary(tmp_path / "none.toml")
