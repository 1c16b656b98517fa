"""What runs by the clock. Dagster's UI switches a schedule on and off under Automation."""

import dagster as dg

from aegis_pipeline.defs.jobs import retry_dead_letters
from aegis_pipeline.defs.maintenance import audit_graph
from aegis_pipeline.defs.partitions import BATCH_TAG, PARTITION_TAG, UNFINISHED
from aegis_pipeline.defs.resources import DocumentLakeResource
from aegis_pipeline.pipeline.batches import batches_with_dead_letters
from aegis_pipeline.settings import RelationBackend, settings

nightly_audit = dg.ScheduleDefinition(
    name="nightly_audit",
    job=audit_graph,
    cron_schedule=settings().audit_cron,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The whole graph against the lake; what differs is repaired.",
)


@dg.schedule(
    job=retry_dead_letters,
    cron_schedule=settings().dead_letters_cron,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def retry_dead_letters_schedule(
    context: dg.ScheduleEvaluationContext, document_lake: DocumentLakeResource
) -> list[dg.RunRequest] | dg.SkipReason:
    """The LLM is asked again for what it lost: a run for each batch with dead letters that no other run works on."""
    if document_lake.settings.relation_backend is RelationBackend.EMBEDDED:
        return dg.SkipReason("RELATION_BACKEND=embedded asks no LLM: there is nobody to ask again.")
    unfinished = context.instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    busy = {run.tags.get(PARTITION_TAG) for run in unfinished}
    wanted = [batch for batch in batches_with_dead_letters(document_lake.lake()) if batch not in busy]
    if not wanted:
        return dg.SkipReason("No batch has dead letters that no run works on already.")
    time = context.scheduled_execution_time.isoformat()
    return [dg.RunRequest(run_key=f"{batch}:{time}", partition_key=batch, tags={BATCH_TAG: batch}) for batch in wanted]
