"""The command line: argument parsing and printing only, one file for each group of commands."""

from aegis_pipeline.cli.main import main

__all__ = ["main"]
