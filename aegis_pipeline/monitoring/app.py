"""The service: /metrics for Prometheus, /health for people and orchestrators."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from aegis_pipeline.monitoring.components import State
from aegis_pipeline.monitoring.health import Component, Health, overall

_NEEDED_TO_WORK = ("graph",)


def build_app(registry: CollectorRegistry, health: Health, pipeline: str) -> FastAPI:
    """The app; ``pipeline`` is the one that the settings choose."""
    app = FastAPI(title="AEGIS Pipeline", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/metrics")
    def metrics(request: Request) -> Response:  # not async: reading the event log would hold up the health's answers
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": State.HEALTHY.value}

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        return _answer(await health.components(*_NEEDED_TO_WORK), pipeline)

    @app.get("/health/extraction")
    async def extraction() -> JSONResponse:
        return _answer(await health.components(), pipeline)

    return app


def _answer(components: Mapping[str, Component], pipeline: str) -> JSONResponse:
    state = overall(components)
    told = {name: _told(component) for name, component in components.items()}
    body = {"status": state.value, "pipeline": pipeline, "components": told}
    return JSONResponse(body, status_code=503 if state is State.UNHEALTHY else 200)


def _told(component: Component) -> dict[str, Any]:
    return {**asdict(component.probed), "latency_seconds": round(component.latency_seconds, 4)}
