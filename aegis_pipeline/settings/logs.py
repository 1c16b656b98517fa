"""Settings of the log."""

from pydantic import BaseModel, Field

from aegis_pipeline.settings.choices import LogFormat, LogLevel


class LogSettings(BaseModel):
    """How the log is written to standard error, and what of it."""

    log_format: LogFormat = Field(
        LogFormat.CONSOLE, description="console: for people. json: one JSON object a line (docs/logs.md)."
    )
    log_level: LogLevel | None = Field(
        None, description="Least severe lines that are logged. By default info with LOG_FORMAT=json, else warning."
    )
