"""The compose files as the tests read them: YAML with its anchors, and what ``extends`` brings."""

import re
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
MAIN, GPU, SERVERS = (
    REPOSITORY / name for name in ("docker-compose.yml", "docker-compose.gpu.yml", "deploy/servers.yml")
)
OURS = ("code-server", "webserver", "daemon", "monitor")

_VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")


def services() -> dict[str, dict[str, Any]]:
    """Every service of the main file by its name; what it extends is under what it says itself."""
    found = {}
    for name, own in yaml.safe_load(MAIN.read_text(encoding="utf-8"))["services"].items():
        base = {}
        if extended := own.get("extends"):
            file = REPOSITORY / extended["file"]
            base = yaml.safe_load(file.read_text(encoding="utf-8"))["services"][extended["service"]]
        found[name] = {**base, **own, "environment": {**base.get("environment", {}), **own.get("environment", {})}}
    return found


def variables(file: Path) -> set[str]:
    """The variables that a file takes from ``.env`` or the environment."""
    return set(_VARIABLE.findall(file.read_text(encoding="utf-8")))


def filled(text: str, values: dict[str, str]) -> str:
    """``text`` as compose would have it: variables from ``values``, else their default, else nothing."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda found: values.get(found[1]) or found[2] or "", text)
