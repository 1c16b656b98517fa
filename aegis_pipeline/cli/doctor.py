"""``aegis doctor``: what the chosen profile finds here, what is lacking, and the command that mends it."""

from typing import Annotated

import typer

from aegis_pipeline.cli.console import EXIT_FAILED, OUT
from aegis_pipeline.monitoring import findings
from aegis_pipeline.settings import settings


def doctor(
    verbose: Annotated[bool, typer.Option("--verbose", help="Show where each thing was found.")] = False,
) -> None:
    """Say which models, servers and GPU are found, what each lacks, and the command that mends it.

    Exits with 0 when the pipeline can run as it is set.
    """
    found = [
        *findings.models(settings(), verbose),
        *findings.reader(settings(), verbose),
        findings.relation_schema(settings()),
        findings.home(settings()),
        *findings.servers(settings()),
        findings.gpu(settings()),
        *findings.relation_llm(settings()),
        findings.legacy(settings()),
    ]
    OUT.print(f"profile  {settings().aegis_profile.value}, pipeline {settings().extraction_pipeline.value}")
    for finding in found:
        mark = "ok" if finding.ok else ("MISSING" if finding.needed else "absent")
        OUT.print(f"{mark:8} {finding.name}: {finding.state}")
        if not finding.ok and finding.remedy:
            OUT.print(f"         {finding.remedy}")
    if any(finding.needed and not finding.ok for finding in found):
        raise typer.Exit(EXIT_FAILED)
