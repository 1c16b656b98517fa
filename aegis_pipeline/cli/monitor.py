"""``aegis monitor``: metrics and health of this ``AEGIS_HOME``, over HTTP."""

import signal
import sys
from typing import Annotated

import typer

from aegis_pipeline.cli.console import ERR
from aegis_pipeline.settings import settings


def monitor(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 9100,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve /metrics for Prometheus, and /health/extraction, /health/ready and /health/live."""
    import dagster as dg
    import uvicorn

    from aegis_pipeline.defs.home import prepare_home
    from aegis_pipeline.monitoring.app import build_app
    from aegis_pipeline.monitoring.collector import build_registry
    from aegis_pipeline.monitoring.components import probes
    from aegis_pipeline.monitoring.health import Health

    prepare_home(settings())
    with dg.DagsterInstance.get() as instance:
        health = Health(probes(settings(), instance))
        app = build_app(build_registry(settings(), instance), health, settings().extraction_pipeline.value)
        ERR.print(f"Metrics: http://{host}:{port}/metrics   health: http://{host}:{port}/health/extraction")
        # After its orderly end uvicorn raises the signal again, which by itself would make that end a failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
