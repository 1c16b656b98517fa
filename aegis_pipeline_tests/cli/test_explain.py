"""``aegis explain`` from the outside."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis_pipeline import settings as module
from aegis_pipeline.cli.console import run as run_app
from aegis_pipeline.cli.main import app
from aegis_pipeline.graph import EmbeddedGraphStore
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline_tests.graph.worlds import ENCODER, TYPES, Linking
from aegis_pipeline_tests.pipeline.test_explaining import DOCS, OTHERS, filled


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two batches, both in the graph."""
    path = tmp_path / "home"
    monkeypatch.setenv("AEGIS_HOME", str(path))
    module.settings.cache_clear()
    lake, store = DocumentLake(str(path / "lake")), EmbeddedGraphStore(path / "graph", ENCODER, 10)
    for name, texts in (("docs", {**DOCS, "a\nb": "EDSAC contains Lyons."}), ("others", OTHERS)):
        lake.bind(name, name)
        store.write(filled(lake, name, texts, TYPES, Linking()).batches[name])
    yield path
    module.settings.cache_clear()


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["explain", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_explain_prints_every_entity_of_the_name() -> None:
    text = printed("lyons")
    assert text.count("Lyons (organization)") == 2
    assert "key in the graph: Lyons   id: id-|Lyons   batch: docs" in text
    assert "aliases: LYONS!" in text
    assert "documents: a\\x0ab (1), a.txt (2), b.txt (1)" in text
    assert "[a.txt:27-32]  Lyons contains EDSAC." in text
    assert "LYONS!  normalised_key 1.00  lyons" in text
    assert "Ferranti  spelling 0.40  in a.txt: cosine 0.70" in text
    assert "Lyons > employer > Tom Kilburn (0.50)  [a.txt:0-25]  Lyons employs Tom Kilburn" in text


def test_explain_is_limited_and_says_how_much_more_there_is() -> None:
    text = printed("Lyons", "--batch", "docs", "--mentions", "1")
    assert "  mentions: 4\n" in text
    assert text.count("and 3 more (--mentions shows them)") == 2
    assert "Lyons founded Ferranti." not in text
    assert "batch: others" not in text


def test_explain_as_json_has_every_field() -> None:
    one, other = json.loads(printed("Lyons", "--format", "json", "--mentions", "2"))
    assert (one["batch"], other["batch"]) == ("docs", "others")
    assert (one["key"], one["mention_count"], one["relation_count"]) == ("Lyons", 4, 4)
    assert len(one["mentions"]) == len(one["relations"]) == 2
    assert one["mentions"][0] == {
        "text": "Lyons",
        "place": {"path": "a\nb", "start": 15, "end": 20, "sentence": "EDSAC contains Lyons."},
    }
    assert one["refusals"] == [
        {"alias": "Ferranti", "reason": "spelling", "score": 0.4, "evidence": "in a.txt: cosine 0.70"}
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("Ferrant",), "Near to it: 'Ferranti'"), (("Lyons", "--batch", "none"), "There is no batch 'none'")],
)
def test_explain_says_what_there_is(arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_app(lambda: app(["explain", *arguments]))
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
