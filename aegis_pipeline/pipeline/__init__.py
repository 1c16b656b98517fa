"""The phases in a row, without Dagster: extraction, gates, and the pipelines from documents to a graph."""
