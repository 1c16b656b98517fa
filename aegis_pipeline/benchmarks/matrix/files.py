"""Where the benchmark's findings lie: ``AEGIS_HOME/benchmarks``, a folder for each cell."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_pipeline.benchmarks.matrix.axes import GOLD, SCENARIO_NAMES, VARIANT_NAMES
from aegis_pipeline.benchmarks.matrix.repeat import REPEAT, Repeat
from aegis_pipeline.benchmarks.matrix.results import Cell
from aegis_pipeline.benchmarks.scoring import GoldDocument, load
from aegis_pipeline.benchmarks.worlds import documents_of, scenario_named
from aegis_pipeline.errors import InputError, LakeError
from aegis_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class CellFiles:
    """The files of one variant on one scenario."""

    folder: Path

    @classmethod
    def of(cls, configured: Settings, variant: str, scenario: str) -> "CellFiles":
        """Those of a cell; the folder is made."""
        folder = benchmark_folder(configured) / scenario / variant
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    @property
    def gold(self) -> Path:
        """The scenario's labelled documents, as they were measured."""
        return self.folder / "gold.jsonl"

    @property
    def cell(self) -> Path:
        """The figures."""
        return self.folder / "cell.json"

    @property
    def not_run(self) -> Path:
        """Why there are no repeats."""
        return self.folder / "not_run.txt"

    def repeat(self, number: int) -> Path:
        """What one repeat took and found."""
        return self.folder / f"repeat-{number:03d}.json"

    def clear(self) -> None:
        """Take away what was measured before."""
        for path in self.folder.glob("*"):
            path.unlink()

    def repeats(self) -> list[Repeat]:
        """All repeats, in order.

        Raises:
            LakeError: there is none.
        """
        paths = sorted(self.folder.glob("repeat-*.json"))
        if not paths:
            raise LakeError(f"{self.folder} has no repeats: materialize benchmark_predictions of this partition first.")
        return [REPEAT.validate_json(path.read_bytes()) for path in paths]

    def write_gold(self, documents: Sequence[GoldDocument]) -> None:
        """Keep the labelled documents, a line each."""
        lines = (json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        self.gold.write_text("".join(lines), encoding="utf-8")


def benchmark_folder(configured: Settings) -> Path:
    """Where all cells are."""
    return configured.home / "benchmarks"


def cells(configured: Settings) -> tuple[Cell, ...]:
    """Every cell that has been scored, whoever did it and when, by variant and scenario."""
    folder = benchmark_folder(configured)
    paths = (folder / scenario / variant / "cell.json" for variant in VARIANT_NAMES for scenario in SCENARIO_NAMES)
    return tuple(Cell.model_validate_json(path.read_bytes()) for path in paths if path.exists())


def scenario_documents(scenario: str, configured: Settings) -> tuple[GoldDocument, ...]:
    """The labelled documents of a scenario.

    Raises:
        InputError: there is no such scenario, or its file cannot be used.
    """
    if scenario != GOLD:
        return documents_of(scenario_named(scenario), configured.benchmark_seed)
    if configured.benchmark_gold is None:
        raise InputError("The scenario `gold` is your own labelled documents: name them by BENCHMARK_GOLD or --gold.")
    documents = load(configured.benchmark_gold).values()
    return tuple({**document, "id": f"{document['id'].removesuffix('.txt')}.txt"} for document in documents)
