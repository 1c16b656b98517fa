"""Settings of the service: the inbox that it watches, and whom it tells of failures."""

from pathlib import Path

from pydantic import BaseModel, Field


class ServiceSettings(BaseModel):
    """The inbox, and how its folders become batches."""

    aegis_inbox: Path | None = Field(
        None, description="Folder whose sub-folders the sensor takes for batches. By default AEGIS_HOME/inbox."
    )
    max_batch_documents: int = Field(
        1_000, ge=1, le=10_000, description="Files of one batch: a folder with more of them becomes several."
    )
