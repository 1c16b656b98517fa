"""All settings together, as the process has them."""

from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from aegis_pipeline.errors import SettingsError
from aegis_pipeline.settings.benchmarks import BenchmarkSettings
from aegis_pipeline.settings.choices import GraphStorage, Profile, RowStorage, Storages
from aegis_pipeline.settings.documents import DocumentSettings
from aegis_pipeline.settings.gates import GateSettings
from aegis_pipeline.settings.llm import LlmSettings
from aegis_pipeline.settings.logs import LogSettings
from aegis_pipeline.settings.models import ModelSettings
from aegis_pipeline.settings.pipeline import PipelineSettings
from aegis_pipeline.settings.service import ServiceSettings
from aegis_pipeline.settings.stores import StoreSettings


class Settings(
    LlmSettings,
    StoreSettings,
    GateSettings,
    DocumentSettings,
    ModelSettings,
    ServiceSettings,
    BenchmarkSettings,
    LogSettings,
    PipelineSettings,
    BaseSettings,
):
    """All settings of a run; frozen, so that a run's settings are those that its metadata shows."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    @property
    def home(self) -> Path:
        """The absolute ``AEGIS_HOME``: two folders are two worlds."""
        return self.aegis_home.expanduser().absolute()

    @property
    def inbox(self) -> Path:
        """The absolute folder whose sub-folders the sensor takes for batches."""
        return (self.aegis_inbox or self.home / "inbox").expanduser().absolute()

    @property
    def storages(self) -> Storages:
        """Where each store is: as it was set by itself, or else as the profile says."""
        production = self.aegis_profile is Profile.PRODUCTION
        rows = RowStorage.POSTGRES if production else RowStorage.FILES
        return Storages(
            graph=self.graph_storage or (GraphStorage.NEO4J if production else GraphStorage.FILES),
            vectors=self.vector_storage or rows,
            rows=self.kv_storage or rows,
            statuses=self.doc_status_storage or rows,
        )


def describe(error: ValidationError) -> str:
    """One line a wrong setting: its variable, the value got, and what is valid."""
    lines = []
    for fault in error.errors():
        name = str(fault["loc"][0]).upper() if fault["loc"] else "settings"
        lines.append(f"{name}={fault.get('input')!r}: {fault['msg']}")
    return "\n".join(lines) + "\nSet it in the environment or in .env; docs/settings.md lists all settings."


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a variable has a value that is not valid; the message names the valid ones.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(describe(error)) from None
