"""The bundled samples: the gold belongs to the text that our own readers extract, and has what was promised of it."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import aegis_pipeline
from aegis_pipeline.documents import read_folder
from aegis_pipeline.relations import load_schema
from aegis_pipeline.settings import Settings

SAMPLES = Path(aegis_pipeline.__file__).parent / "samples"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / "gold" / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    contents = read_folder(SAMPLES / "documents", Settings(_env_file=None))
    assert {row.status.value for row in contents.manifest} == {"parsed"}
    return {document.path: document.text for document in contents.documents}


def test_gold_has_the_text_that_the_readers_extract(texts: dict[str, str]) -> None:
    assert {row["id"]: row["text"] for row in lines("relations.jsonl")} == texts
    assert {row["id"]: row["text"] for row in lines("identity.jsonl")} == texts


def test_samples_are_as_many_and_as_long_as_promised(texts: dict[str, str]) -> None:
    assert len(texts) >= 12
    assert all(150 <= len(text.split()) <= 1200 for text in texts.values())
    assert {path.rsplit(".", 1)[1] for path in texts} == {"txt", "md", "html", "pdf", "docx"}


def test_gold_relations_join_mentions_of_their_document_by_predicates_of_the_schema() -> None:
    pids = load_schema().by_pid.keys()
    relations = []
    for row in lines("relations.jsonl"):
        clusters = {mention["cluster"] for mention in row["mentions"]}
        assert all({relation["head"], relation["tail"]} <= clusters for relation in row["relations"])
        assert {relation["pid"] for relation in row["relations"]} <= pids
        relations += row["relations"]
    assert sum(relation["cross_sentence"] for relation in relations) >= len(relations) / 5


def test_gold_has_homonyms_ambiguous_acronyms_and_names_that_change() -> None:
    things, names = defaultdict(set), defaultdict(set)
    for row in lines("identity.jsonl"):
        for mention in row["mentions"]:
            if kb := mention.get("kb"):
                surface = row["text"][mention["start"] : mention["end"]]
                things[surface].add(kb)
                names[kb].add(surface)
    ambiguous = {surface for surface, found in things.items() if len(found) > 1}
    assert len({surface for surface in ambiguous if surface.isupper()}) >= 3
    assert len({surface for surface in ambiguous if not surface.isupper()}) >= 2
    assert max(len(found) for found in names.values()) >= 3


def test_questions_quote_their_passages(texts: dict[str, str]) -> None:
    questions = lines("questions.jsonl")
    assert len(questions) == 20
    for question in questions:
        assert question["answer"]
        for passage in question["passages"]:
            assert texts[passage["document"]][passage["start"] : passage["end"]] == passage["quote"]
