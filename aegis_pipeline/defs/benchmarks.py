"""The benchmark as assets: a partition for each variant and scenario, and the report of whatever is there."""

import dagster as dg

from aegis_pipeline.benchmarks.matrix.cells import predict, score_cell, variant_named
from aegis_pipeline.benchmarks.matrix.files import CellFiles
from aegis_pipeline.benchmarks.report.collect import collected, kept_comparison, kept_report
from aegis_pipeline.defs.partitions import benchmark_matrix
from aegis_pipeline.defs.pools import GPU
from aegis_pipeline.settings import settings

_GROUP = "benchmark"


def _cell(context: dg.AssetExecutionContext) -> tuple[str, str]:
    """Variant and scenario."""
    keys = context.partition_key
    assert isinstance(keys, dg.MultiPartitionKey)  # noqa: S101 - the matrix has no other keys
    return keys.keys_by_dimension["variant"], keys.keys_by_dimension["scenario"]


@dg.asset(partitions_def=benchmark_matrix, group_name=_GROUP, pool=GPU)
def benchmark_predictions(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """What one pipeline variant finds in one scenario's documents, and what it takes, repeated."""
    variant, scenario = _cell(context)
    reason = predict(variant_named(variant), scenario, settings())
    folder = CellFiles.of(settings(), variant, scenario).folder
    return dg.MaterializeResult(metadata={"dagster/uri": str(folder), "aegis/not_run": reason or "it was run"})


@dg.asset(partitions_def=benchmark_matrix, group_name=_GROUP, deps=[benchmark_predictions])
def benchmark_scores(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The figures of one cell: cost, and quality against gold."""
    variant, scenario = _cell(context)
    cell = score_cell(variant_named(variant), scenario, settings())
    metadata: dict[str, dg.RawMetadataValue] = {"aegis/status": cell.status.value, "aegis/reason": cell.reason}
    if cell.figures:
        metadata |= {
            "aegis/seconds": cell.figures.total.wall_seconds.median,
            "aegis/documents/failed": cell.figures.failed,
            "aegis/quality": cell.figures.quality.model_dump(exclude_none=True),
        }
    return dg.MaterializeResult(metadata=metadata)


@dg.asset(group_name=_GROUP, deps=[benchmark_scores])
def benchmark_comparison() -> dg.MaterializeResult[None]:
    """Old against new: the three phases beside the legacy arm, wherever both have been measured."""
    found, path = kept_comparison(settings())
    return dg.MaterializeResult(metadata={"dagster/uri": str(path), "aegis/pairs": len(found)})


@dg.asset(group_name=_GROUP, deps=[benchmark_comparison])
def benchmark_report() -> dg.MaterializeResult[None]:
    """The page, its pictures and the result file of all cells that have been measured."""
    path = kept_report(settings())
    cells = len(collected(settings()).cells)
    return dg.MaterializeResult(metadata={"dagster/uri": str(path), "dagster/row_count": cells})
