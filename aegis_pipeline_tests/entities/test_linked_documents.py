"""What is remembered of documents changes nothing but the time: a document that reads otherwise is linked again."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aegis_pipeline.entities import NO_OVERRIDES, LinkMemory, MergeOverrides, link_mentions, linked_documents
from aegis_pipeline.records import EntityResult
from aegis_pipeline_tests.entities.texts import ENCODE, said

TEXTS = (
    ("{Grace Hopper|person} joined {IBM|organization}.", "{Hopper|person} left."),
    ("{International Business Machines|organization} ({IBM|organization}) grew.",),
    ("{IBM|other} paid {Hopper|other}.",),
    ("The ship {Hopper|product} sailed to {Paris|place}.", "{Hopper|product} sank."),
    ("The rocket {Atlas|product} and the computer {Atlas|product} met {Paris|other}.",),
    ("{Paris|person} is a person.", "So is {Paris|person}."),
)
TOGETHER = MergeOverrides.model_validate({"together": [{"names": ["IBM", "Hopper"]}]})
APART = MergeOverrides.model_validate({"apart": [{"names": ["Grace Hopper", "Hopper"]}]})
BATCHES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(TEXTS), max_size=4)


def linked(batch: Mapping[str, tuple[str, ...]], overrides: MergeOverrides, memory: LinkMemory | None) -> EntityResult:
    mentions = [mention for document, text in batch.items() for mention in said(document, *text)]
    return link_mentions(mentions, ENCODE, overrides=overrides, memory=memory)


@hypothesis_settings(deadline=None, max_examples=60, database=None)
@given(st.lists(st.tuples(BATCHES, st.sampled_from([NO_OVERRIDES, TOGETHER, APART])), min_size=2, max_size=6))
def test_link_with_what_is_remembered_equals_linking_afresh(
    runs: list[tuple[dict[str, tuple[str, ...]], MergeOverrides]],
) -> None:
    memory = LinkMemory()
    for batch, overrides in runs:
        assert linked(batch, overrides, memory) == linked(batch, overrides, None)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents whose names are read, in order."""
    found: list[str] = []
    named = linked_documents.named_document

    def noting(document_id: str, *rest: object) -> object:
        found.append(document_id)
        return named(document_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(linked_documents, "named_document", noting)
    return found


def test_link_reads_again_what_changed_and_what_others_change(read: list[str]) -> None:
    memory, batch = LinkMemory(), {"a": TEXTS[0], "b": TEXTS[4]}
    linked(batch, NO_OVERRIDES, memory)
    linked(batch, NO_OVERRIDES, memory)
    assert read == ["a", "b"]
    linked(batch | {"c": TEXTS[5]}, NO_OVERRIDES, memory)  # Paris, of unknown type in b, is a person now
    assert read[2:] == ["b", "c"]
    linked(batch | {"c": TEXTS[5]}, APART, memory)
    assert read[4:] == ["a"]


def test_memory_keeps_the_latest_documents(read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LinkMemory, "_DOCUMENTS_MAX", 1)
    memory = LinkMemory()
    for document in ("a", "b", "b", "a"):
        linked({document: TEXTS[0]}, NO_OVERRIDES, memory)
    assert read == ["a", "b", "a"]
