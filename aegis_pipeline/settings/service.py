"""Settings of the service: the inbox that it watches, and whom it tells of failures."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

_CRON = r"^\S+( +\S+){4}$"  # Dagster looks into the five fields


class ServiceSettings(BaseModel):
    """The inbox, and how its folders become batches."""

    aegis_inbox: Path | None = Field(
        None, description="Folder whose sub-folders the sensor takes for batches. By default AEGIS_HOME/inbox."
    )
    max_batch_documents: int = Field(
        1_000, ge=1, le=10_000, description="Files of one batch: a folder with more of them becomes several."
    )

    # By the clock, in UTC
    audit_cron: str = Field(
        "0 3 * * *", pattern=_CRON, description="When the nightly audit runs: a cron schedule, UTC."
    )
    dead_letters_cron: str = Field(
        "0 5 * * *", pattern=_CRON, description="When the LLM is asked again for what it lost: a cron schedule, UTC."
    )

    # What is kept of the past
    run_retention_days: int = Field(
        90, ge=1, description="Days after which the job purge_runs removes a run; the last ones of each batch stay."
    )

    # Whom failures are told
    alert_webhook_url: SecretStr | None = Field(
        None, description="Address that is told of each failed run, as JSON (docs/maintenance.md)."
    )
    dagster_ui_url: str | None = Field(
        None, pattern=r"^https?://", description="Address of Dagster's UI, for the link to a failed run."
    )
