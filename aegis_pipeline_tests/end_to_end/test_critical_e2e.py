"""Both arms on the same documents through the same public API: one schema, counts, and F1 against the same gold.

The legacy arm runs against a server that answers as it is told, and against a real one with a small real model, of
which nothing is asked but that its extraction is real.
"""

import asyncio
import dataclasses
from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from aegis_pipeline import ExtractionPipelineFactory, LightRAGWrapper, Settings
from aegis_pipeline.benchmarks.arms import arm_scores
from aegis_pipeline.benchmarks.scoring import GoldDocument, load
from aegis_pipeline.cli.run import SAMPLES
from aegis_pipeline.graph import Answer
from aegis_pipeline.pipeline.comparing import ArmResult, Comparison, compare, legacy_result, three_phase_arm
from aegis_pipeline.pipeline.graph_pipeline import LIBRARY_BATCH, InsertReport
from aegis_pipeline.pipeline.side_by_side import SideBySidePipeline
from aegis_pipeline.records import Document, QueryMode
from aegis_pipeline_tests.fakes.llm_server import serve
from aegis_pipeline_tests.fakes.ollama_server import FakeOllama
from aegis_pipeline_tests.servers.ollama_recipe import OllamaServer

pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(900)]

PATHS = ("abroad/friendship_7.txt", "people/wilkes.html")
SCHEMA = TypeAdapter(Answer)
QUESTION = "Where did Maurice Wilkes study?"
ANSWER = "\n".join(
    (
        "entity<|#|>Maurice Wilkes<|#|>person<|#|>Maurice Wilkes was born in Dudley.",
        "entity<|#|>Dudley<|#|>location<|#|>Dudley is a town.",
        "relation<|#|>Maurice Wilkes<|#|>Dudley<|#|>birth<|#|>Maurice Wilkes was born in Dudley.",
        "<|COMPLETE|>",
    )
)


@pytest.fixture(scope="module")
def gold() -> dict[str, GoldDocument]:
    labelled = load(SAMPLES.parent / "gold" / "relations.jsonl")
    return {path: labelled[path] for path in PATHS}


@pytest.fixture(scope="module", params=["told", pytest.param("real", marks=pytest.mark.ollama)])
def server(request: pytest.FixtureRequest) -> Iterator[OllamaServer]:
    """The legacy arm's."""
    if request.param == "real":
        yield request.getfixturevalue("ollama_server")
        return
    with serve(FakeOllama(answers={"wilkes": ANSWER})) as told:
        yield OllamaServer(told.url, told.models[0])


@pytest.fixture(scope="module")
def pipeline(server: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> SideBySidePipeline:
    settings = Settings(
        _env_file=None,
        aegis_home=tmp_path_factory.mktemp("home"),
        enable_legacy_extraction=True,
        ollama_host=server.host,
        legacy_model=server.model,
        legacy_answer_tokens=96,
        extraction_max_workers=1,
    )
    made = ExtractionPipelineFactory.create(settings)
    assert isinstance(made, SideBySidePipeline)
    return made


@pytest.fixture(scope="module")
def report(pipeline: SideBySidePipeline, gold: dict[str, GoldDocument]) -> InsertReport:
    documents = [{"id": path, "text": document["text"]} for path, document in gold.items()]
    return asyncio.run(LightRAGWrapper(pipeline=pipeline).insert_documents(documents))


def test_both_arms_have_every_document(report: InsertReport) -> None:
    assert (set(report.written), dict(report.failed)) == (set(PATHS), {})
    assert report.legacy is not None
    assert (set(report.legacy.written), dict(report.legacy.failed)) == (set(PATHS), {})


@pytest.mark.parametrize("mode", list(QueryMode))
async def test_both_arms_answer_in_one_schema(
    pipeline: SideBySidePipeline, report: InsertReport, mode: QueryMode
) -> None:
    ours, theirs = [
        await LightRAGWrapper(pipeline=arm).query_graph(QUESTION, mode)
        for arm in (pipeline.three_phase, pipeline.legacy)
    ]
    for answer in (ours, theirs):
        assert SCHEMA.validate_json(SCHEMA.dump_json(answer), strict=True) == answer
        places = [place.source for place in (*answer.passages, *answer.sentences)]
        places += [source for found in (*answer.entities, *answer.relations) for source in found.sources]
        assert {place.path for place in places} <= set(PATHS)
    if mode is QueryMode.NAIVE:
        assert "Wilkes" in ours.sentences[0].text
        assert "Wilkes" in theirs.sentences[0].text


@pytest.fixture(scope="module")
def compared(pipeline: SideBySidePipeline, report: InsertReport, gold: dict[str, GoldDocument]) -> Comparison:
    documents = [Document(path, path, document["text"], "") for path, document in gold.items()]
    found = pipeline.three_phase.extractor.extract_documents(documents)
    ours = three_phase_arm(found.documents, found.chunks, found.entities, found.relations)
    theirs = legacy_result(LIBRARY_BATCH, pipeline.legacy.documents(LIBRARY_BATCH))

    def scored(arm: ArmResult) -> ArmResult:
        return dataclasses.replace(arm, scores=arm_scores(gold, arm.documents))

    return compare(LIBRARY_BATCH, scored(ours), scored(theirs))


def test_both_arms_are_counted(compared: Comparison) -> None:
    for name in ("documents", "chunks", "entities"):
        assert all(compared.figures[name]), name
    assert compared.figures["documents"] == (2, 2)
    assert sum(dataclasses.astuple(compared.entities)) > 2


def test_both_arms_have_an_f1(compared: Comparison) -> None:
    """Of ours it is known what to expect; of a model of this size, nothing."""
    ours, theirs = compared.figures["mentions F1"]
    assert ours is not None
    assert theirs is not None
    assert 0.7 < ours <= 1
    assert 0 <= theirs < ours


async def test_both_arms_leave_alone_what_they_have(
    pipeline: SideBySidePipeline, report: InsertReport, gold: dict[str, GoldDocument]
) -> None:
    documents = [{"id": path, "text": document["text"]} for path, document in gold.items()]
    again = await LightRAGWrapper(pipeline=pipeline).insert_documents(documents)
    assert again.legacy is not None
    assert set(again.unchanged) == set(again.legacy.unchanged) == set(PATHS)
