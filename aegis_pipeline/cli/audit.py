"""``aegis audit``: the whole graph against the lake."""

from typing import Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT, note, print_table, show_progress
from aegis_pipeline.settings import settings

_COLUMNS = ("found", "count", "batch", "store")


def audit(
    *,
    repair: Annotated[bool, typer.Option(help="Repair what is found, or only tell.")] = True,
) -> None:
    """Hold the whole graph against the lake, row by row, and repair what differs.

    Exits with 1 where a fault is left.
    """
    from aegis_pipeline.defs.launch import audit_graph

    show_progress()
    note("Running audit_graph ...")
    summary = audit_graph(settings(), repair=repair)
    if summary.report is not None:
        found, left = summary.report.found, summary.report.left
        if found:
            print_table(_COLUMNS, [(f.kind, f"{f.count:,}", f.batch, f.store) for f in found])
        faults = sum(finding.is_fault for finding in found)
        OUT.print(f"{faults} kind(s) of fault found, {len(left)} left." if faults else "No fault found.")
    if not summary.success:
        OUT.print(f"failed: {summary.error}", style="red")
        raise typer.Exit(EXIT_FAILED)
