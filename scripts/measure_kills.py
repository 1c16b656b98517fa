"""Kills runs of ``aegis`` at random moments of each asset, repeats them, and compares all that is stored.

    python scripts/measure_kills.py [--kills 20] [--stores embedded servers]     writes docs/results/killed.json

In servers, those that the environment names (``NEO4J_URI``, ``POSTGRES_HOST``) are used, else servers of its own are
started, as for the tests. The moments are drawn anew from ``--seed``; what a kill meets there hangs on the machine too.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

# Before anything that computes is loaded: forks may have no threads beside them.
os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "LOG_LEVEL": "error"}

from aegis_pipeline_tests.defs.kill_rehearsal import ASSETS, Kill, Rehearsal, prepare, rehearse
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.launch import launch, neo4j_ways, postgres_ways

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "killed.json"


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """The settings that name a Neo4j and a PostgreSQL."""
    with ExitStack() as stack:
        neo4j, postgres = Neo4jServer.from_environment(), PostgresServer.from_environment()
        if neo4j is None:
            graph = launch(neo4j_ways())
            stack.callback(graph.close)
            neo4j = graph.address
        if postgres is None:
            rows = launch(postgres_ways())
            stack.callback(rows.close)
            postgres = rows.address
        yield {"AEGIS_PROFILE": "production", **neo4j.environment(), **postgres.environment()}


def life(folder: Path, environment: dict[str, str]) -> Rehearsal:
    """A life in a workspace of its own."""
    return Rehearsal(folder, {**environment, "AEGIS_WORKSPACE": f"killed_{uuid.uuid4().hex[:8]}"})


def table(kills: list[Kill]) -> dict[str, Any]:
    """What became of the kills of each asset."""
    return {asset: _row(list(own)) for asset, own in itertools.groupby(kills, lambda kill: kill.asset)}


def _row(kills: list[Kill]) -> dict[str, Any]:
    return {
        "kills": sum(not kill.late for kill in kills),
        "kills just after its end": sum(kill.late for kill in kills),
        "equal after the repetition": sum(not kill.differs for kill in kills),
        "tables that differed": sorted({name for kill in kills for name in kill.differs}),
    }


def rehearse_in(store: str, arguments: argparse.Namespace, work: Path) -> Iterator[Kill]:
    """The kills with the graph in ``store``."""
    with ExitStack() as stack:
        environment = stack.enter_context(servers()) if store == "servers" else {}
        folder = work / f"documents-{store}"
        lives = life(folder, environment), life(folder, environment)
        for kill in rehearse(work / "home", arguments.assets, arguments.kills, arguments.seed, *lives):
            print(store, kill, file=sys.stderr, flush=True)
            yield kill


def main(arguments: argparse.Namespace) -> None:
    """Kill, repeat, compare, and write the results."""
    found: dict[str, Any] = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else {}
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name) / "home")
        for store in arguments.stores:
            command = (
                f"python scripts/measure_kills.py --kills {arguments.kills} --seed {arguments.seed} --stores {store}"
            )
            found[store] = {"command": command, "assets": table(list(rehearse_in(store, arguments, Path(name))))}
    arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="kills of each asset")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stores", nargs="+", choices=["embedded", "servers"], default=["embedded", "servers"])
    parser.add_argument("--assets", nargs="+", choices=ASSETS, default=ASSETS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    main(parser.parse_args())
