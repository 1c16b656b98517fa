"""The job on a small folder, with the real models: what it writes, that a second run changes nothing, and its gates."""

from pathlib import Path

import dagster as dg
import pytest

from aegis_pipeline.defs import assets
from aegis_pipeline.defs.partitions import batch_key, document_batches
from aegis_pipeline.defs.resources import resources
from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import BatchContribution, EmbeddedGraphStore, WriteReport
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.graph.graphml import read_graphml
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.settings import settings
from aegis_pipeline.tables import CHUNKS, ENTITIES, MANIFEST, MENTIONS, MERGES, RELATIONS
from aegis_pipeline_tests.defs.job import metadata, run

pytestmark = [pytest.mark.dagster, pytest.mark.models]

PHASE_TABLES = [MENTIONS, CHUNKS, ENTITIES, MERGES, RELATIONS]


def kept_and_computed(result: dg.ExecuteInProcessResult, key: str) -> tuple[object, object]:
    found = metadata(result, key)
    return found["aegis/documents/kept"], found["aegis/documents/computed"]


def test_job_writes_a_graph_and_a_second_run_changes_nothing(home: Path, folder: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = run(folder, instance)
        generation = Generations(home / "graph").current
        second = run(folder, instance)
    assert first.success
    assert second.success
    assert generation is not None
    assert Generations(home / "graph").current == generation
    assert metadata(first, "knowledge_graph")["aegis/documents/added"] == 3
    assert metadata(second, "knowledge_graph")["aegis/documents/unchanged"] == 3
    for asset in ("raw_documents", "ner_entities", "relations"):
        assert kept_and_computed(first, asset) == (0, 3)
        assert kept_and_computed(second, asset) == (3, 0)
    assert metadata(first, "ner_entities")["aegis/degraded"] == 0
    assert metadata(first, "ner_entities")["aegis/sources/reader"] > 0
    assert metadata(first, "raw_documents")["dagster/partition_row_count"] == 3
    assert all(check.passed for check in first.get_asset_check_evaluations())


def test_job_reads_only_the_document_that_changed_and_gives_what_a_fresh_run_gives(home: Path, folder: Path) -> None:
    lake, updated = DocumentLake(str(home / "lake")), batch_key(folder)
    with dg.DagsterInstance.ephemeral() as instance:
        run(folder, instance)
        (folder / "ferranti.txt").write_text("Tom Kilburn founded Ferranti in 1885 with Maurice Wilkes of Manchester.")
        second = run(folder, instance)
        rows = [lake.read(updated, table) for table in PHASE_TABLES]
        assert rows[0]
        for path in (home / "lake" / updated).iterdir():
            path.unlink()
        run(folder, instance)
    assert kept_and_computed(second, "ner_entities") == (2, 1)
    assert rows == [lake.read(updated, table) for table in PHASE_TABLES]


def test_job_reads_all_again_when_a_setting_changes(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(folder, instance)
        monkeypatch.setenv("NUMERIC_NODES", "true")
        settings.cache_clear()
        second = run(folder, instance)
    assert kept_and_computed(second, "raw_documents") == (3, 0)
    assert kept_and_computed(second, "ner_entities") == (0, 3)


def test_job_takes_out_what_a_removed_document_contributed(home: Path, folder: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(folder, instance)
        (folder / "ferranti.txt").unlink()
        result = run(folder, instance)
    assert metadata(result, "knowledge_graph")["aegis/documents/removed"] == 1
    assert all(check.passed for check in result.get_asset_check_evaluations())


def test_job_remembers_the_folder_of_a_batch(home: Path, folder: Path) -> None:
    batch = batch_key(folder)
    with dg.DagsterInstance.ephemeral() as instance:
        run(folder, instance)
        again = dg.materialize(
            [assets.raw_documents], instance=instance, partition_key=batch, resources=resources(settings())
        )
    assert metadata(again, "raw_documents")["aegis/files"] == 3


def test_job_without_a_folder_says_what_to_do(home: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(document_batches.name), ["new"])
        with pytest.raises(InputError, match="aegis run FOLDER"):
            dg.materialize(
                [assets.raw_documents], instance=instance, partition_key="new", resources=resources(settings())
            )


def failed_gates(result: dg.ExecuteInProcessResult) -> set[str]:
    return {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}


def test_documents_parse_rate_stops_a_folder_of_broken_files(home: Path, folder: Path) -> None:
    for path in folder.rglob("*.*"):
        path.unlink()
    for number in range(5):
        (folder / f"{number}.pdf").write_bytes(b"%PDF-1.7 broken")
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(folder, instance)
    assert not result.success
    assert failed_gates(result) == {"documents_parse_rate"}
    assert Generations(home / "graph").current is None
    assert len(DocumentLake(str(home / "lake")).read(batch_key(folder), MANIFEST)) == 5


def test_documents_parse_rate_only_warns_of_a_few(home: Path, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(folder, instance)
    assert result.success
    (warned,) = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert (warned.check_name, warned.severity) == ("documents_parse_rate", dg.AssetCheckSeverity.WARN)


def test_relation_endpoints_exist_stops_a_relation_to_nowhere(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    written = DocumentLake.rewrite

    def plant(self: DocumentLake, batch: str, table: object, records: object, **kept: object) -> None:
        if table is RELATIONS:
            records = [replace(relation, tail="ent-nowhere") for relation in records]  # type: ignore[attr-defined]
            assert records
        written(self, batch, table, records, **kept)  # type: ignore[arg-type]

    monkeypatch.setattr(DocumentLake, "rewrite", plant)
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(folder, instance)
    assert not result.success
    assert failed_gates(result) == {"relation_endpoints_exist"}
    assert Generations(home / "graph").current is None


def test_graph_counts_match_finds_a_lost_entity_and_puts_back_what_was_there(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run, which loses nothing, writes what this one could not."""
    write = EmbeddedGraphStore.write

    def lose(self: EmbeddedGraphStore, contribution: BatchContribution, **options: bool) -> WriteReport:
        report = write(self, contribution, **options)
        path = Path(report.location) / "graph_chunk_entity_relation.graphml"
        kept = [line for line in path.read_text().splitlines() if '="Manchester"' not in line]
        path.write_text("\n".join(kept))
        return report

    with dg.DagsterInstance.ephemeral() as instance:
        assert run(folder, instance).success
        before = _nodes(home)
        (folder / "lyons.txt").write_text("Lyons was founded in London. Maurice Wilkes visited Lyons in Manchester.")
        with monkeypatch.context() as patched:
            patched.setattr(EmbeddedGraphStore, "write", lose)
            failed = run(folder, instance)
        assert not failed.success
        assert failed_gates(failed) == {"graph_counts_match"}
        (told,) = [e.description for e in failed.get_asset_check_evaluations() if e.check_name == "graph_counts_match"]
        assert told is not None
        assert "What the batch contributed before this run was put back." in told
        assert _nodes(home) == before
        assert run(folder, instance).success
    assert "Lyons" in _nodes(home).keys() - before.keys()


def _nodes(home: Path) -> dict[str, object]:
    """Every node but for its times."""
    folder = Generations(home / "graph").folder(str(Generations(home / "graph").current))
    nodes = read_graphml(folder / "graph_chunk_entity_relation.graphml").nodes(data=True)
    return {key: {name: value for name, value in node.items() if name != "created_at"} for key, node in nodes}
