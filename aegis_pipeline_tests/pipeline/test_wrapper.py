"""LightRAG for programs: what it hands to the pipeline, and the whole of it with the real models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aegis_pipeline import ExtractionPipelineFactory, LightRAGWrapper, Settings
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import Answer
from aegis_pipeline.graph.query import Keywords
from aegis_pipeline.pipeline.graph_pipeline import InsertReport, ThreePhasePipeline
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.pipeline.side_by_side import SideBySidePipeline
from aegis_pipeline.records import Document, QueryMode


class FakePipeline:
    """Remembers what it is asked for."""

    def __init__(self) -> None:
        self.inserted: list[Document] = []
        self.asked: list[tuple[str, QueryMode, int]] = []

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        self.inserted += documents
        return InsertReport(tuple(document.id for document in documents), (), {})

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        self.asked.append((question, mode, top_k))
        return Answer(question, mode, Keywords((), ()), (), (), (), ())


@pytest.fixture
def fake() -> FakePipeline:
    return FakePipeline()


@pytest.fixture
def wrapper(fake: FakePipeline) -> LightRAGWrapper:
    return LightRAGWrapper(pipeline=fake)


async def test_wrapper_takes_texts_mappings_and_records(wrapper: LightRAGWrapper, fake: FakePipeline) -> None:
    record = Document("r", "r.txt", "Text.", "h")
    report = await wrapper.insert_documents(["  A &amp; B.\x00 ", {"id": "m", "text": "Text."}, record])
    text, mapping, same = fake.inserted
    assert text.text == "A & B."
    assert text.id == text.path
    assert text.id.startswith("doc-")
    assert (mapping.id, mapping.text, len(mapping.content_hash)) == ("m", "Text.", 64)
    assert same == record
    assert report.written == (text.id, "m", "r")


async def test_wrapper_id_of_a_text_is_stable(wrapper: LightRAGWrapper, fake: FakePipeline) -> None:
    for text in ("One.", "One.", "Two."):
        await wrapper.insert_documents([text])
    first, again, other = (document.id for document in fake.inserted)
    assert first == again != other


@pytest.mark.parametrize(
    ("documents", "message"),
    [([{"id": "a"}], "needs `text`"), (["same", "same"], "unique"), ([{"id": "a", "text": "x"}] * 2, "unique")],
)
async def test_wrapper_refuses_what_it_cannot_use(
    wrapper: LightRAGWrapper, fake: FakePipeline, documents: list[Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        await wrapper.insert_documents(documents)
    assert fake.inserted == []


@pytest.mark.parametrize("mode", [*QueryMode, *(mode.value for mode in QueryMode)])
async def test_wrapper_takes_every_mode(wrapper: LightRAGWrapper, fake: FakePipeline, mode: str) -> None:
    answer = await wrapper.query_graph("Who?", mode, top_k=3)
    assert fake.asked == [("Who?", QueryMode(mode), 3)]
    assert answer.mode is QueryMode(mode)


async def test_wrapper_names_the_valid_modes(wrapper: LightRAGWrapper) -> None:
    with pytest.raises(InputError, match="'bypass': valid are local, global, hybrid, mix, naive"):
        await wrapper.query_graph("Who?", "bypass")


@pytest.mark.models
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, ThreePhasePipeline),
        ({"enable_legacy_extraction": True}, SideBySidePipeline),
        ({"extraction_pipeline": "lightrag_default"}, LegacyPipeline),
        ({"extraction_pipeline": "lightrag_default", "enable_legacy_extraction": True}, LegacyPipeline),
    ],
)
def test_factory_makes_what_the_settings_name(tmp_path: Path, changes: dict[str, object], kind: type) -> None:
    settings = Settings(_env_file=None, aegis_home=tmp_path, **changes)
    assert type(ExtractionPipelineFactory.create(settings)) is kind


@pytest.mark.models
async def test_wrapper_with_the_real_models(tmp_path: Path) -> None:
    wrapper = LightRAGWrapper(Settings(_env_file=None, aegis_home=tmp_path))
    text = "Maurice Wilkes worked at the University of Cambridge. He built EDSAC there."
    first = await wrapper.insert_documents([{"id": "wilkes", "text": text}, {"id": "empty", "text": " "}])
    assert (first.written, dict(first.failed)) == (("wilkes",), {"empty": "no text"})
    assert (await wrapper.insert_documents([{"id": "wilkes", "text": text}])).unchanged == ("wilkes",)
    await wrapper.insert_documents([{"id": "lyons", "text": "Lyons was a company in London."}])
    answer = await wrapper.query_graph("Where did Maurice Wilkes work?", "mix")
    assert answer.sentences[0].text == "Maurice Wilkes worked at the University of Cambridge."
    assert answer.sentences[0].source.path == "wilkes"
    assert "Maurice Wilkes" in {entity.name for entity in answer.entities}
