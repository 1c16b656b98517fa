"""The user's overrides: the file and its faults, what they do to a batch, and what the merge log says of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from aegis_pipeline.entities import NO_OVERRIDES, link_mentions, load_overrides
from aegis_pipeline.errors import InputError
from aegis_pipeline.records import EntityResult, Mention, MergeDecision, Span
from aegis_pipeline_tests.fakes.encoder import FakeEncoder

ENCODER = FakeEncoder()
TYPES = {"Titan": "product", "London": "place"}


def mentions(texts: Mapping[str, str]) -> list[Mention]:
    """Path → its names, between bars, a sentence each."""
    found = []
    for path, text in texts.items():
        start = 0
        for at, name in enumerate(text.split("|")):
            kind = TYPES.get(name, "organization")
            found.append(
                Mention(path, f"{path}-0", at, Span(start, start + len(name)), name, "X", kind, "test", context=name)
            )
            start += len(name) + 1
    return found


def linked(
    texts: Mapping[str, str], rules: str, tmp_path: Path, same_names: Mapping[str, str] | None = None
) -> EntityResult:
    declared = same_names or {}
    overrides = load_overrides(written(tmp_path, rules), declared) if rules else NO_OVERRIDES
    return link_mentions(mentions(texts), ENCODER.encode, declared, overrides)


def written(tmp_path: Path, rules: str) -> Path:
    path = tmp_path / "overrides.toml"
    path.write_text(rules, encoding="utf-8")
    return path


def things(result: EntityResult) -> set[frozenset[str]]:
    """Each entity as its mentions: document and text."""
    return {frozenset(f"{m.document_id}:{m.text}" for m in entity.mentions) for entity in result.entities}


def by_override(result: EntityResult) -> list[MergeDecision]:
    return [merge for merge in result.merges if merge.reason == "override"]


def test_together_joins_names_across_documents_and_types(tmp_path: Path) -> None:
    result = linked({"a": "Ferranti", "b": "Titan|London"}, '[[together]]\nnames = ["Ferranti", "TITAN"]', tmp_path)
    assert things(result) == {frozenset({"a:Ferranti", "b:Titan"}), frozenset({"b:London"})}
    (merge,) = by_override(result)
    assert (merge.accepted, merge.score, merge.evidence) == (True, 1.0, "the user's file, [[together]] 1")
    assert {merge.name, merge.alias} == {"Ferranti", "Titan"}


def test_together_with_documents_leaves_the_name_alone_elsewhere(tmp_path: Path) -> None:
    rules = '[[together]]\nnames = [{ name = "Ferranti", documents = "x/*" }, "Titan"]'
    result = linked({"x/a": "Ferranti", "b": "Titan", "c": "Ferranti"}, rules, tmp_path)
    assert things(result) == {frozenset({"x/a:Ferranti", "b:Titan"}), frozenset({"c:Ferranti"})}
    assert len({entity.id for entity in result.entities}) == len({entity.key for entity in result.entities}) == 2


def test_apart_keeps_two_bearers_of_one_name(tmp_path: Path) -> None:
    texts = {"x/a": "Ferranti", "x/b": "Ferranti", "c": "Ferranti", "d": "Ferranti"}
    rules = '[[apart]]\nnames = [{ name = "Ferranti", documents = "x/*" }, "Ferranti"]'
    assert len(linked(texts, "", tmp_path).entities) == 1
    result = linked(texts, rules, tmp_path)
    assert things(result) == {frozenset({"x/a:Ferranti", "x/b:Ferranti"}), frozenset({"c:Ferranti", "d:Ferranti"})}
    assert {entity.name for entity in result.entities} == {"Ferranti"}
    assert len({entity.key for entity in result.entities}) == 2
    assert [(merge.accepted, merge.score) for merge in by_override(result)] == [(False, 0.0)] * 2
    assert {merge.entity_id for merge in by_override(result)} == {entity.id for entity in result.entities}
    assert {merge.reason for merge in result.merges} == {"override"}


def test_apart_undoes_a_merge_of_the_model(tmp_path: Path) -> None:
    """Names that differ in nothing but accents are one over documents; here they are not."""
    texts = {"a": "Société Générale", "b": "Societe Generale"}
    rules = '[[apart]]\nnames = ["Société Générale", "Societe Generale"]'
    assert len(linked(texts, "", tmp_path).entities) == 1
    result = linked(texts, rules, tmp_path)
    assert len(result.entities) == 2
    assert [(merge.name, merge.alias) for merge in by_override(result)] == [
        ("Societe Generale", "Société Générale"),
        ("Société Générale", "Societe Generale"),
    ]


def test_apart_holds_for_what_belongs_together(tmp_path: Path) -> None:
    """Titan is Societe Generale, so Société Générale, which the model takes for that, is kept apart from it."""
    texts = {"a": "Société Générale", "b": "Societe Generale", "c": "Titan"}
    rules = '[[together]]\nnames = ["Titan", "Societe Generale"]\n[[apart]]\nnames = ["Titan", "Société Générale"]'
    assert things(linked(texts, rules, tmp_path)) == {
        frozenset({"a:Société Générale"}),
        frozenset({"b:Societe Generale", "c:Titan"}),
    }


def test_rule_of_another_name_leaves_ids_and_keys_alone(tmp_path: Path) -> None:
    texts = {"x/a": "Ferranti", "b": "Titan"}
    rules = (
        '[[apart]]\nnames = ["Ferranti", "Lyons"]\n[[apart]]\nnames = [{ name = "Titan", documents = "x/*" }, "Titan"]'
    )
    assert linked(texts, rules, tmp_path).entities == linked(texts, "", tmp_path).entities


def test_rules_reach_a_name_through_the_glossary(tmp_path: Path) -> None:
    glossary = {"ICL": "International Computers"}
    result = linked({"a": "ICL|Titan"}, '[[together]]\nnames = ["ICL", "Titan"]', tmp_path, glossary)
    assert len(result.entities) == 1
    assert result.unmatched == ()


def test_names_that_the_batch_does_not_have_are_told(tmp_path: Path) -> None:
    rules = (
        '[[together]]\nnames = ["Ferranti", "Feranti"]\n'
        '[[apart]]\nnames = ["Titan", { name = "Titan", documents = "nowhere/*" }]'
    )
    result = linked({"a": "Ferranti|Titan"}, rules, tmp_path)
    assert result.unmatched == ("'Feranti'", "'Titan' in 'nowhere/*'")


def test_rules_that_join_what_they_keep_apart_are_refused(tmp_path: Path) -> None:
    """Not seen in the file alone: the patterns meet in a document."""
    rules = (
        '[[together]]\nnames = ["Ferranti", "Titan"]\n'
        '[[apart]]\nnames = [{ name = "Ferranti", documents = "a*" }, "Titan"]'
    )
    with pytest.raises(InputError, match=r"keeps 'Ferranti' in 'a\*' and 'Titan' apart, but what it joins"):
        linked({"a": "Ferranti", "b": "Titan"}, rules, tmp_path)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("[[together]", "is no TOML file"),
        ("[[togehter]]\nnames = ['a', 'b']", "togehter: Extra inputs"),
        ("[[together]]\nnames = ['a']", "together.0.names"),
        ("[[together]]\nnames = ['a', 3]", "together.0.names.1"),
        ("[[together]]\nnames = ['a', '']", "together.0.names.1.name"),
        ("[[apart]]\nnames = ['a', {name = 'b', document = '*'}]", "apart.0.names.1.document: Extra inputs"),
        ("[[together]]\nnames = ['a', 'b']\n[[apart]]\nnames = ['b', 'A']", "'b' and 'A' that they are together and"),
        (
            "[[together]]\nnames = ['a', 'b']\n[[together]]\nnames = ['b', 'c']\n[[apart]]\nnames = ['a', 'c']",
            "'a' and 'c' that they are together and apart",
        ),
        ("[[apart]]\nnames = ['ICL', 'I.C.L.']", "one name, by its spelling or by the glossary"),
        ("[[apart]]\nnames = ['Old', 'New']", "one name, by its spelling or by the glossary"),
    ],
)
def test_faults_of_the_file_are_told_with_what_is_valid(rules: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as fault:
        load_overrides(written(tmp_path, rules), {"Old": "New"})
    assert says in str(fault.value)
    assert str(tmp_path) in str(fault.value)


def test_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"AEGIS_MERGE_OVERRIDES=.*none.toml: No such file"):
        load_overrides(tmp_path / "none.toml")


def test_two_documents_may_have_the_name_of_one_spelling(tmp_path: Path) -> None:
    rules = "[[apart]]\nnames = [{name = 'ICL', documents = 'a/*'}, 'I.C.L.']"
    assert len(load_overrides(written(tmp_path, rules)).apart) == 1
