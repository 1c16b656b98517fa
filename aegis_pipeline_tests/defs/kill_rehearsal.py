"""Runs of ``aegis`` that are killed at a random moment of one asset, and repeated.

One process has loaded the models; every run is a fork of it, with Dagster's history, its pools and the batch's lock in
files as they always are. A folder goes to and fro between two versions, and each way is killed once: so one graph
lives through all kills, and in the end of each it must hold what an undisturbed one does.
"""

import itertools
import json
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ASSETS = ("raw_documents", "ner_entities", "deduplicated_entities", "relations", "knowledge_graph")
_SHARED = {
    "wilkes.html": "<p>Maurice Wilkes was born in Dudley. Wilkes studied at the University of Cambridge.</p>",
    "unrelated.txt": "The National Physical Laboratory is in Teddington. Alan Turing worked there from 1945.",
}
VERSIONS: tuple[dict[str, str], ...] = (
    {
        **_SHARED,
        "ferranti.txt": "Sebastian de Ferranti founded Ferranti in 1885. The company was based in Manchester.",
        "kilburn.md": "# Manchester Baby\n\nTom Kilburn was born in Dewsbury in 1921. He worked for Ferranti.",
    },
    {
        **_SHARED,
        "ferranti.txt": "Ferranti was founded in 1885 by Sebastian Ziani de Ferranti. Tom Kilburn joined Ferranti.",
        "lyons.txt": "J. Lyons and Co. was founded in London. Maurice Wilkes advised Lyons in Cambridge in 1947.",
    },
)
_SHORTER, _LONGER = 0.7, 1.05
Report = Callable[[str], None]


@dataclass(frozen=True)
class Kill:
    """One killed run: ``second`` of about ``length`` after the asset began; ``late`` where it had just ended.

    ``differs`` names the tables that were not the undisturbed ones after the repetition.
    """

    asset: str
    second: float
    length: float
    late: bool
    differs: tuple[str, ...]


@dataclass
class Child:
    """A fork of this process, and what it reports, line by line."""

    pid: int
    reports: IO[str]

    @classmethod
    def of(cls, work: Callable[[Report], None]) -> "Child":
        """A child that does ``work`` and ends."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os._exit(_do(work, write))
        os.close(write)
        return cls(pid, os.fdopen(read))

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        _, status = os.waitpid(self.pid, 0)
        self.reports.close()
        return os.waitstatus_to_exitcode(status)


def _do(work: Callable[[Report], None], pipe: int) -> int:
    try:
        work(lambda line: (os.write(pipe, f"{line}\n".encode()), None)[1])
    except BaseException:  # noqa: BLE001 - a child must end here, whatever happens: what follows is its parent's
        traceback.print_exc()
        return 1
    return 0


def prepare(home: Path) -> None:
    """Load what every run in ``home`` needs, so that each fork has it."""
    os.environ |= {"AEGIS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    import dagster as dg

    import aegis_pipeline.definitions  # noqa: F401
    import aegis_pipeline_tests.defs.stored_state  # noqa: F401
    from aegis_pipeline.defs.home import prepare_home
    from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
    from aegis_pipeline.records import Document
    from aegis_pipeline.settings import Settings

    text = "Ada Lovelace was born in London."
    ThreePhaseExtractor.from_settings(Settings()).extract_documents([Document("warm", "warm.txt", text, "hash")])
    prepare_home(Settings())
    with dg.DagsterInstance.get() as instance:
        instance.get_runs(limit=1)
    shutil.rmtree(home)


def _reporting_steps(report: Report) -> None:
    """Say when a step starts and when it has ended, from Dagster's own events."""
    import dagster as dg

    handle = dg.DagsterInstance.handle_new_event

    def reported(self: dg.DagsterInstance, entry: Any, **options: Any) -> None:
        event = entry.dagster_event if entry.is_dagster_event else None
        if event is not None and event.event_type_value == "STEP_START":
            report(f"start {event.step_key}")
        handle(self, entry, **options)
        if event is not None and event.event_type_value == "STEP_SUCCESS":
            report(f"end {event.step_key}")

    dg.DagsterInstance.handle_new_event = reported  # type: ignore[method-assign]


@dataclass
class Rehearsal:
    """One life of a graph, in the home that this process was prepared for."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def put(self, version: int) -> None:
        """Make the folder hold exactly one of the versions."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            path.unlink()
        for name, text in VERSIONS[version].items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, report: Report) -> None:
        """In a child: what ``aegis run FOLDER`` does; then the state of everything."""
        os.environ |= self.environment
        from aegis_pipeline.defs.launch import run_batch
        from aegis_pipeline.defs.partitions import batch_key
        from aegis_pipeline.settings import settings
        from aegis_pipeline_tests.defs.stored_state import stored_state

        settings.cache_clear()
        _reporting_steps(report)
        batch = batch_key(self.folder)
        summary = run_batch(batch, self.folder, settings())
        assert summary.success, summary
        report(f"state {json.dumps(stored_state(settings(), batch))}")

    def undisturbed(self, version: int) -> tuple[dict[str, str], dict[str, float]]:
        """Run this version; its state, and the seconds of each asset."""
        self.put(version)
        child, starts, lengths, state = Child.of(self.run), {}, {}, {}
        for word, rest in _words(child.reports):
            if word == "start":
                starts[rest] = time.perf_counter()
            elif word == "end":
                lengths[rest] = time.perf_counter() - starts[rest]
            else:
                state = json.loads(rest)
        code = child.wait()
        assert code == 0, f"the run ended with {code}"
        return state, lengths

    def killed(self, version: int, asset: str, second: float) -> bool:
        """Run this version, and kill it so long after ``asset`` has begun; whether that had just ended."""
        self.put(version)
        child = Child.of(self.run)
        begun = any(line == ("start", asset) for line in _words(child.reports))
        assert begun, f"the run never came to {asset}"
        time.sleep(second)
        os.kill(child.pid, signal.SIGKILL)
        late = ("end", asset) in _words(child.reports)
        child.wait()
        return late


def _words(reports: IO[str]) -> Iterator[tuple[str, str]]:
    for line in reports:
        word, _, rest = line.rstrip("\n").partition(" ")
        yield word, rest


def rehearse(
    home: Path, assets: Sequence[str], kills: int, seed: int, model: Rehearsal, life: Rehearsal
) -> Iterator[Kill]:
    """Kill a run of ``life`` at ``kills`` random moments of each asset, and repeat it each time; late ones come on top.

    ``model`` is another life, undisturbed, that says how everything should be. Both begin with nothing in ``home``.
    """
    shutil.rmtree(home, ignore_errors=True)
    wanted = [model.undisturbed(version) for version in (0, 1)]
    shutil.rmtree(home)
    life.undisturbed(0)
    states = [state for state, _ in wanted]
    source, turns = random.Random(seed), itertools.cycle((1, 0))
    for asset in assets:
        length, left = max(own[asset] for _, own in wanted), kills
        while left:
            version, second = next(turns), source.uniform(0, length)
            late = life.killed(version, asset, second)
            state, _ = life.undisturbed(version)
            yield Kill(asset, second, length, late, _differing(state, states[version]))
            left -= not late
            length *= _SHORTER if late else _LONGER  # with the machine's other work, so that few come late


def _differing(found: dict[str, str], wanted: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in sorted(found.keys() | wanted.keys()) if found.get(name) != wanted.get(name))
