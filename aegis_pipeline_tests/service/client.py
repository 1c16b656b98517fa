"""Dagster's GraphQL, as a program uses it that launches batches and reads what became of them."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aegis_pipeline.inbox import batch_key

_RUN_SECONDS = 240  # two cores that others use too
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
_REPOSITORY = 'repositoryName: "__repository__", repositoryLocationName: "aegis_pipeline"'
_ADD_PARTITION = f"""mutation($key: String!) {{ addDynamicPartition(
  repositorySelector: {{{_REPOSITORY}}}, partitionsDefName: "document_batches", partitionKey: $key) {{
  __typename ... on PythonError {{ message }} }} }}"""
_LAUNCH = f"""mutation($config: RunConfigData!, $tags: [ExecutionTag!]!) {{ launchRun(executionParams: {{
  selector: {{{_REPOSITORY}, jobName: "process_batch"}}, runConfigData: $config, mode: "default",
  executionMetadata: {{tags: $tags}}}}) {{
  __typename ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }}
  ... on RunConfigValidationInvalid {{ errors {{ message }} }} }} }}"""
_BACKFILL = """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_RUNS = """query($batch: String!) { runsOrError(filter: {tags: [{key: "dagster/partition", value: $batch}]}) {
  ... on Runs { results { runId status } } } }"""
_EVENTS = """query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
  ... on MaterializationEvent { assetKey { path } metadataEntries { ...entry } }
  ... on AssetCheckEvaluationEvent { evaluation {
    checkName success severity description metadataEntries { ...entry } } } } } } }
fragment entry on MetadataEntry { label
  ... on IntMetadataEntry { intValue } ... on FloatMetadataEntry { floatValue } ... on TextMetadataEntry { text } }"""
_TICK = f"""query($name: String!) {{ sensorOrError(sensorSelector: {{{_REPOSITORY}, sensorName: $name}}) {{
  ... on Sensor {{ sensorState {{ ticks(limit: 1, statuses: [SKIPPED, SUCCESS]) {{ timestamp }} }} }} }} }}"""
_READY = """query { workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } }
  instance { daemonHealth { allDaemonStatuses { required healthy } } } }"""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the instance has of one evaluation of a gate."""

    passed: bool
    severity: str
    description: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """The web server at ``address``."""

    address: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the server answers; its errors are the test's."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def is_ready(self) -> bool:
        """Whether the project is loaded and every daemon has reported."""
        answer = self.ask(_READY)
        entries = answer["workspaceOrError"]["locationEntries"]
        daemons = answer["instance"]["daemonHealth"]["allDaemonStatuses"]
        loaded = [(entry["locationOrLoadError"] or {}).get("__typename") for entry in entries]
        return loaded == ["RepositoryLocation"] and all(daemon["healthy"] for daemon in daemons if daemon["required"])

    def launch(self, folder: Path) -> str:
        """Launch a batch that the service has not seen: its partition, then a run with its folder."""
        key = batch_key(folder)
        added = self.ask(_ADD_PARTITION, key=key)["addDynamicPartition"]
        assert added["__typename"] == "AddDynamicPartitionSuccess", added
        config = {"ops": {"raw_documents": {"config": {"folder": str(folder)}}}}
        launched = self.ask(_LAUNCH, config=config, tags=[{"key": "dagster/partition", "value": key}])["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id: str = launched["run"]["runId"]
        return run_id

    def backfill(self, assets: list[str], partitions: list[str]) -> None:
        """Materialize ``assets`` for each of ``partitions``, as the UI does when they are chosen there."""
        params = {"assetSelection": [{"path": [asset]} for asset in assets], "partitionNames": partitions}
        answer = self.ask(_BACKFILL, params=params)["launchPartitionBackfill"]
        assert answer["__typename"] == "LaunchBackfillSuccess", answer

    def runs(self, batch: str) -> dict[str, str]:
        """The status of every run of ``batch``, by id, the newest first."""
        results = self.ask(_RUNS, batch=batch)["runsOrError"]["results"]
        return {run["runId"]: run["status"] for run in results}

    def ended(self, batch: str) -> dict[str, str]:
        """The runs of ``batch``, once there are some and all have ended."""
        return self._runs_that(batch, lambda runs: bool(runs) and set(runs.values()) <= _ENDED)

    def appeared(self, batch: str, count: int) -> dict[str, str]:
        """The runs of ``batch``, once there are ``count`` of them."""
        return self._runs_that(batch, lambda runs: len(runs) >= count)

    def _runs_that(self, batch: str, are_wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        deadline = time.monotonic() + _RUN_SECONDS
        while not are_wanted(runs := self.runs(batch)):
            assert time.monotonic() < deadline, f"{batch}: {runs or 'no run'} after {_RUN_SECONDS} s"
            time.sleep(1)
        return runs

    def wait_for_tick(self, sensor: str, after: float) -> None:
        """Until the daemon has evaluated ``sensor`` once more, from ``after`` (seconds since 1970) on."""
        deadline = time.monotonic() + _RUN_SECONDS
        while self._last_tick(sensor) < after:
            assert time.monotonic() < deadline, f"no tick of {sensor} after {_RUN_SECONDS} s"
            time.sleep(1)

    def _last_tick(self, sensor: str) -> float:
        ticks = self.ask(_TICK, name=sensor)["sensorOrError"]["sensorState"]["ticks"]
        return max((tick["timestamp"] for tick in ticks), default=0)

    def metadata(self, run_id: str) -> dict[str, dict[str, Any]]:
        """What each asset's materialization says of itself."""
        return {
            "/".join(event["assetKey"]["path"]): _values(event["metadataEntries"])
            for event in self._events(run_id)
            if event.get("assetKey")
        }

    def gates(self, run_id: str) -> dict[str, Gate]:
        """Each gate of a run by its name."""
        found = (event["evaluation"] for event in self._events(run_id) if "evaluation" in event)
        return {
            gate["checkName"]: Gate(
                gate["success"], gate["severity"], gate["description"], _values(gate["metadataEntries"])
            )
            for gate in found
        }

    def _events(self, run_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.ask(_EVENTS, id=run_id)["logsForRun"]["events"]
        return events


def _values(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The entries whose type the query names."""
    kinds = ("intValue", "floatValue", "text")
    return {entry["label"]: entry[kind] for entry in entries for kind in kinds if kind in entry}
