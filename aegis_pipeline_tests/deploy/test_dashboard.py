"""The dashboard and the alert rules against the metrics, and the rules by Prometheus's own tool."""

import itertools
import json
import shutil
import subprocess
from typing import Any

import pytest

from aegis_pipeline.monitoring.metrics import METRICS
from aegis_pipeline_tests.deploy.compose import REPOSITORY
from aegis_pipeline_tests.deploy.dashboard import ALERTS, DASHBOARD, DEPLOY, alert_rules, metrics_of, panels, queries

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: apt-get install prometheus")


def test_every_metric_is_shown_and_no_other() -> None:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert metrics_of(shown) == {metric.name for metric in METRICS}
    assert metrics_of([rule["expr"] for rule in alert_rules()]) <= {metric.name for metric in METRICS}


def test_every_panel_says_what_it_shows_and_takes_the_chosen_source() -> None:
    for panel in panels():
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_panels_have_ids_and_places_of_their_own() -> None:
    whole = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in whole}) == len(whole)
    assert not [(a["title"], b["title"]) for a, b in itertools.combinations(whole, 2) if _overlap(a, b)]
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in whole)


def test_every_alert_says_what_to_do() -> None:
    for rule in alert_rules():
        assert rule["for"]
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}
        for page in _pages(rule["annotations"]["description"]):
            assert (REPOSITORY / page).exists()


def test_every_alert_has_a_test_that_fires() -> None:
    tests = (DEPLOY / "prometheus" / "alerts_test.yml").read_text(encoding="utf-8")
    for rule in alert_rules():
        assert f"alertname: {rule['alert']}\n        exp_alerts:\n          - exp_labels" in tests


@needs_promtool
@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing(command: tuple[str, ...]) -> None:
    done = subprocess.run([str(PROMTOOL), *command], cwd=ALERTS.parent, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_queries_are_found_where_they_stand() -> None:
    assert len(queries()) == sum(len(panel["targets"]) for panel in panels()) + len(alert_rules())


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    a, b = one["gridPos"], other["gridPos"]
    return (
        a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]
    )


def _pages(text: str) -> list[str]:
    return [word.rstrip(".,;") for word in text.split() if word.startswith("docs/")]
