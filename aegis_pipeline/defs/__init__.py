"""Dagster only: assets, checks, resources, partitions, jobs. They wire; what they call lies in the other rooms."""
