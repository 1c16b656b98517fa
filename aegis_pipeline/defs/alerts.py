"""The sensor that tells a webhook of every run that failed."""

import dagster as dg

from aegis_pipeline.alerting import tell
from aegis_pipeline.defs.failures import failure_of
from aegis_pipeline.settings import settings


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def run_failure_alert(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """ALERT_WEBHOOK_URL is told of the run, its batch, and the gate or step that stopped it."""
    configured = settings()
    if configured.alert_webhook_url is None:
        return dg.SkipReason("ALERT_WEBHOOK_URL is not set: nobody is told of failed runs.")
    said = context.failure_event.message or "The run failed."
    tell(
        configured.alert_webhook_url, failure_of(context.dagster_run, context.instance, said, configured.dagster_ui_url)
    )
    return None
