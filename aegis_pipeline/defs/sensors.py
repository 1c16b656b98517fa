"""The sensor on the inbox: a folder that is new, changed or gone becomes one run for each batch that it touches."""

import hashlib
from functools import partial
from pathlib import Path

import dagster as dg

from aegis_pipeline.defs.jobs import process_batch
from aegis_pipeline.defs.partitions import BATCH_TAG, document_batches
from aegis_pipeline.defs.removal import remove_batch
from aegis_pipeline.defs.resources import DocumentLakeResource
from aegis_pipeline.documents import FoundFile, display_path
from aegis_pipeline.errors import InputError
from aegis_pipeline.events import Event
from aegis_pipeline.inbox import BatchRequest, InboxCursor, batch_key, look, shards_of
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import CORRELATION_TAG, event_log

_log = event_log(__name__)
_SECONDS = 30  # between two looks: a folder is complete when they saw the same


@dg.sensor(
    jobs=[process_batch, remove_batch],
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_document_batches(
    context: dg.SensorEvaluationContext, document_lake: DocumentLakeResource
) -> dg.SensorResult | dg.SkipReason:
    """A new or changed folder of the inbox, once it is complete, is processed; a folder that is gone is taken out."""
    configured, lake = document_lake.settings, document_lake.lake()
    divide = partial(_shards, lake, configured.max_batch_documents)
    existing = set(context.instance.get_dynamic_partitions(str(document_batches.name)))
    try:
        before = InboxCursor.load(context.cursor, display_path(str(configured.inbox)))
        seen = look(configured.inbox, before, existing, divide)
    except InputError as error:
        return dg.SkipReason(str(error))
    new = [request.batch for request in seen.requests if not request.is_removal]
    return dg.SensorResult(
        run_requests=[_run_request(request) for request in seen.requests],
        dynamic_partitions_requests=[document_batches.build_add_request(new)] if new else [],
        cursor=seen.cursor.dump(),
        skip_reason=None if seen.requests else dg.SkipReason(seen.note),
    )


def _shards(
    lake: DocumentLake, limit: int, folder: Path, files: tuple[FoundFile, ...]
) -> dict[str, tuple[FoundFile, ...]]:
    return shards_of(lake, batch_key(folder), files, limit)


def _run_request(request: BatchRequest) -> dg.RunRequest:
    job = remove_batch if request.is_removal else process_batch
    correlation = hashlib.sha256(request.run_key.encode()).hexdigest()[:16]
    folder = {"folder": display_path(str(request.folder))}
    _log.info(Event.BATCH_REQUESTED, batch=request.batch, job=job.name, run_key=request.run_key)
    return dg.RunRequest(
        run_key=request.run_key,
        job_name=job.name,
        partition_key=request.batch,
        run_config={} if request.is_removal else {"ops": {"raw_documents": {"config": folder}}},
        tags={BATCH_TAG: request.batch, CORRELATION_TAG: correlation},
    )
