"""``aegis ui``: Dagster's web server and daemon on this ``AEGIS_HOME``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from aegis_pipeline.settings import settings


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web server.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open Dagster with the pipeline's assets, runs and gates."""
    from aegis_pipeline.defs.home import packaged, prepare_home

    prepare_home(settings())
    command = [str(Path(sys.executable).with_name("dg")), "dev", "-w", str(packaged("workspace.yaml"))]
    os.execv(command[0], [*command, "--host", host, "--port", str(port)])  # noqa: S606 - no shell, fixed command
