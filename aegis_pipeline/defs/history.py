"""How long an arm took for a batch, and what its phases held of a GPU, as Dagster's history has it."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from aegis_pipeline.defs.metadata import PEAK_VRAM
from aegis_pipeline.settings import ExtractionPipeline

_ASSETS = {
    ExtractionPipeline.THREE_PHASE: ("ner_entities", "deduplicated_entities", "relations", "knowledge_graph"),
    ExtractionPipeline.LIGHTRAG_DEFAULT: ("legacy_graph",),
}
_DECIDING = {ExtractionPipeline.THREE_PHASE: "relations", ExtractionPipeline.LIGHTRAG_DEFAULT: "legacy_graph"}
_RUNS = 1000


def seconds_of(arm: ExtractionPipeline, batch: str, instance: dg.DagsterInstance) -> float | None:
    """Seconds from chunks to graph in the last run in which ``arm`` extracted all documents of ``batch`` anew.

    None where there was no such run: a run that keeps what earlier ones found says nothing of how long it takes.
    """
    whole = (run for run, metadata in _runs(_DECIDING[arm], batch, instance) if _is_whole(metadata))
    run = next(whole, None)
    if run is None:
        return None
    return sum(
        float(metadata["aegis/seconds"])
        for asset in _ASSETS[arm]
        for own, metadata in _runs(asset, batch, instance)
        if own == run
    )


def vram_peaks_of(batch: str, instance: dg.DagsterInstance) -> dict[str, int]:
    """The most bytes of a GPU that each of our phases held when it last ran for ``batch``; without those on a CPU."""
    latest = {
        asset: next(iter(_runs(asset, batch, instance, most=1)), ("", {}))[1]
        for asset in _ASSETS[ExtractionPipeline.THREE_PHASE]
    }
    return {asset: int(told[PEAK_VRAM]) for asset, told in latest.items() if PEAK_VRAM in told}


def _runs(
    asset: str, batch: str, instance: dg.DagsterInstance, most: int = _RUNS
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Run id and metadata of each materialization, the newest first."""
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[batch])
    for record in instance.fetch_materializations(wanted, limit=most).records:
        if record.asset_materialization is not None:
            metadata = record.asset_materialization.metadata
            yield record.run_id, {name: getattr(value, "value", None) for name, value in metadata.items()}


def _is_whole(metadata: dict[str, Any]) -> bool:
    return metadata.get("aegis/documents/kept") == 0 and bool(metadata.get("aegis/documents/computed"))
