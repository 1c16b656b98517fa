"""The dashboard and the alerts as the tests read them: every query with its place."""

import json
import re
from typing import Any

import yaml

from aegis_pipeline_tests.deploy.compose import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "extraction_pipeline.json"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
_PARTS = ("_bucket", "_sum", "_count")


def panels() -> list[dict[str, Any]]:
    """Every panel but the rows' titles."""
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def alert_rules() -> list[dict[str, Any]]:
    """Every alert."""
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def queries() -> dict[str, str]:
    """Where a query stands → the query, with Grafana's own interval filled in."""
    of_panels = {
        f"{panel['title']} {target['refId']}": target["expr"] for panel in panels() for target in panel["targets"]
    }
    of_alerts = {rule["alert"]: rule["expr"] for rule in alert_rules()}
    return {place: query.replace("$__rate_interval", "5m") for place, query in (of_panels | of_alerts).items()}


def metrics_of(queries: list[str]) -> set[str]:
    """The metrics of ours that queries ask for, a histogram by its own name."""
    names = {name for query in queries for name in re.findall(r"\baegis_\w+", query)}
    return {next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name) for name in names}
