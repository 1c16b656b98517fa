"""Continuous integration runs targets of the Makefile, on pinned actions, with no more rights than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
ACTION = REPOSITORY / ".github" / "actions" / "setup" / "action.yml"
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    if path == ACTION:
        found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]["steps"]
        return found
    return [step for job in jobs(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_each_command_is_a_target_that_anyone_can_run(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    targets = [re.fullmatch(r"make ([a-z-]+)( [A-Z_]+=\S+)*", command) for command in commands]
    assert commands
    assert all(target and target[1] in TARGETS for target in targets), commands


def test_targets_are_phony() -> None:
    """A folder of a target's name, such as docs, would stop it."""
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS


def test_both_halves_of_the_suite_are_the_suite() -> None:
    """A half and its opposite: one after the other in ``make test``, which ``.ci/run`` runs; remotely, two jobs."""
    remotely = re.findall(r"\$\(call REPORTED,\w+\) -m '(.+)'", MAKEFILE)
    locally = re.findall(r"\$\(PYTEST\) -n \d -m '(.+?)'", MAKEFILE)
    local = re.findall(r"^make (\S+)$", (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    remote = {step["run"] for step in steps(REPOSITORY / ".github" / "workflows" / "ci.yml") if "run" in step}
    assert remotely == locally == ["not ($(REAL))", "$(REAL)"]
    assert local == ["lint", "test"]
    assert remote >= {"make lint", "make test-unit", "make test-integration"}


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    used = re.findall(r"uses: (?!\./)(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used), used


@each_workflow
def test_jobs_may_only_read_and_end_within_twenty_minutes(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    assert all(job["timeout-minutes"] < 20 and "permissions" not in job for job in workflow["jobs"].values())


def test_nothing_starts_before_lint_has_passed() -> None:
    waiting = {name: job.get("needs") for name, job in jobs(REPOSITORY / ".github" / "workflows" / "ci.yml").items()}
    assert waiting.pop("lint") is None
    assert set(waiting.values()) == {"lint"}
