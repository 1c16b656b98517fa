"""Explaining entities from the lake alone: whom a name finds, and all that is told of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from aegis_pipeline import tables
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import contribute
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.pipeline.explaining import Explanation, NamedPlace, Place, Reason, Said, explain
from aegis_pipeline.records import Document, MergeDecision
from aegis_pipeline.relations import load_schema
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, Linking, chunk_documents, entities_and_relations

DOCS = {"a.txt": "Lyons employs Tom Kilburn. Lyons contains EDSAC.", "b.txt": "Lyons founded Ferranti."}
OTHERS = {"c.txt": "Lyons contains Manchester. Cambridge contains Manchester."}
AS_PLACE = {**TYPES, "Lyons": "place"}
MERGES = [
    MergeDecision("id-|Lyons", "Lyons", "LYONS!", "organization", True, "normalised_key", 1.0, "lyons"),
    MergeDecision(
        "id-|Lyons", "Lyons", "Ferranti", "organization", False, "spelling", 0.4, "in docs-a.txt: cosine 0.70"
    ),
    MergeDecision("id-|EDSAC", "EDSAC", "EDSAC!", "product", True, "normalised_key", 1.0, "edsac"),
]


def filled(
    lake: DocumentLake, name: str, texts: Mapping[str, str], types: Mapping[str, str], linking: Linking
) -> Corpus:
    """A batch in the lake, and the corpus of that batch alone."""
    documents = [Document(f"{name}-{path}", path, text, "hash") for path, text in texts.items()]
    chunks = chunk_documents(documents, ENCODER.count_tokens, ENCODER.max_tokens)
    entities, relations = entities_and_relations(chunks, types, linking)
    lake.write(name, tables.DOCUMENTS, documents)
    lake.write(name, tables.ENTITIES, entities)
    lake.write(name, tables.MERGES, MERGES if name == "docs" else [])
    lake.write(name, tables.RELATIONS, relations)
    return Corpus({name: contribute(name, documents, chunks, entities, relations, load_schema())})


@pytest.fixture
def lake(tmp_path: Path) -> DocumentLake:
    return DocumentLake(str(tmp_path))


@pytest.fixture
def keys(lake: DocumentLake) -> Mapping[str, str]:
    """Two batches; Lyons is a company in one and a place in the other."""
    docs = filled(lake, "docs", DOCS, TYPES, Linking())
    others = filled(lake, "others", OTHERS, AS_PLACE, Linking())
    return Corpus({**docs.batches, **others.batches}).keys


def found(lake: DocumentLake, keys: Mapping[str, str], asked: str) -> list[tuple[str, str, str | None]]:
    return [(one.batch, one.name, one.key) for one in explain(lake, ["docs", "others"], keys, asked)]


def test_explanation_has_all_that_the_lake_has(lake: DocumentLake, keys: Mapping[str, str]) -> None:
    (company,) = explain(lake, ["docs"], keys, "Lyons")
    first, second, third = "Lyons employs Tom Kilburn.", "Lyons contains EDSAC.", "Lyons founded Ferranti."
    assert company == Explanation(
        batch="docs",
        id="id-|Lyons",
        key="Lyons",
        name="Lyons",
        type="organization",
        aliases=("LYONS!",),
        documents={"a.txt": 2, "b.txt": 1},
        mentions=(
            NamedPlace("Lyons", Place("a.txt", 0, 5, first)),
            NamedPlace("Lyons", Place("a.txt", 27, 32, second)),
            NamedPlace("Lyons", Place("b.txt", 0, 5, third)),
        ),
        merges=(Reason("LYONS!", "normalised_key", 1.0, "lyons"),),
        refusals=(Reason("Ferranti", "spelling", 0.4, "in a.txt: cosine 0.70"),),
        relations=(
            Said("Lyons", "employer", "Tom Kilburn", 0.5, Place("a.txt", 0, 25, first[:-1])),
            Said(
                "Lyons", "contains_administrative_territorial_entity", "EDSAC", 0.5, Place("a.txt", 27, 47, second[:-1])
            ),
            Said("Lyons", "founded_by", "Ferranti", 0.5, Place("b.txt", 0, 22, third[:-1])),
        ),
    )


def test_keys_are_those_that_the_graph_has_over_all_batches(lake: DocumentLake, keys: Mapping[str, str]) -> None:
    """Each batch by itself gives its Lyons the plain name."""
    assert found(lake, keys, "Lyons") == [("docs", "Lyons", "Lyons"), ("others", "Lyons", "Lyons (place)")]
    assert found(lake, keys, "Lyons (place)") == [("others", "Lyons", "Lyons (place)")]
    (place,) = explain(lake, ["others"], keys, "Lyons")
    assert [relation.head for relation in place.relations] == ["Lyons (place)"]


@pytest.mark.parametrize("asked", ["id-|EDSAC", "EDSAC", "edsac", "The EDSAC’s", "EDSAC!"])
def test_entity_is_found_by_id_name_and_alias_in_any_spelling(
    lake: DocumentLake, keys: Mapping[str, str], asked: str
) -> None:
    assert found(lake, keys, asked) == [("docs", "EDSAC", "EDSAC")]


def test_homonyms_of_one_batch_are_all_shown(lake: DocumentLake) -> None:
    linking = Linking(same={"Ferranti": "Lyons"}, apart=frozenset({"Lyons"}))
    texts = {"a.txt": "Ferranti employs EDSAC.", "b.txt": "Lyons employs EDSAC.", "c.txt": "Ferranti founded EDSAC."}
    corpus = filled(lake, "homonyms", texts, TYPES, linking)
    shown = explain(lake, ["homonyms"], corpus.keys, "lyons")
    assert len({one.key for one in shown}) == len(shown) == 3
    assert [list(one.documents) for one in shown] == [["a.txt"], ["b.txt"], ["c.txt"]]
    assert [list(one.documents) for one in explain(lake, ["homonyms"], corpus.keys, "Ferranti")] == [
        ["a.txt"],
        ["c.txt"],
    ]


def test_what_is_called_so_comes_before_what_has_it_for_an_alias(lake: DocumentLake, keys: Mapping[str, str]) -> None:
    filled(lake, "early", {"a.txt": "Ferranti employs EDSAC."}, TYPES, Linking(same={"Ferranti": "Lyons"}))
    shown = explain(lake, ["early", "docs"], keys, "Ferranti")
    assert [(one.batch, one.name) for one in shown] == [("docs", "Ferranti"), ("early", "Lyons")]


def test_entity_that_the_graph_does_not_have_has_no_key(lake: DocumentLake, keys: Mapping[str, str]) -> None:
    """The lake is ahead of the graph where a gate stopped the run."""
    assert found(lake, {}, "EDSAC") == [("docs", "EDSAC", None)]


def test_batch_without_entities_is_passed_over(lake: DocumentLake, keys: Mapping[str, str]) -> None:
    assert len(explain(lake, ["stopped", "docs"], keys, "EDSAC")) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("Ferrant", "no entity 'Ferrant'. Near to it: 'Ferranti'"),
        ("Kilburn", "Near to it: 'Tom Kilburn'"),
        ("zzz", "Nothing is called like it"),
        ("", "no entity ''"),
    ],
)
def test_unknown_name_gives_the_nearest(lake: DocumentLake, keys: Mapping[str, str], asked: str, says: str) -> None:
    with pytest.raises(InputError, match="There is no entity") as fault:
        found(lake, keys, asked)
    assert says in str(fault.value)
