"""The service that watches: metrics from Dagster's event log, and health. `aegis monitor` serves both."""
