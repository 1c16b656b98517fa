"""Measures phase 2 on 10,000 and 100,000 distinct names: time, memory, and how well it tells who is who.

    python scripts/measure_dedup.py            writes docs/results/dedup.json

The names are made by aegis_pipeline/benchmarks/names.py. Each size has a process of its own; the encoder is loaded
before the clock starts. Ratios hold from machine to machine, seconds do not.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aegis_pipeline.benchmarks.names import GeneratedMention, generate_mentions, generate_names
from aegis_pipeline.benchmarks.scoring.counts import Counts, add_pairs
from aegis_pipeline.entities import link_mentions
from aegis_pipeline.models import load_encoder
from aegis_pipeline.models.encoder import Encoder
from aegis_pipeline.records import Entity
from aegis_pipeline.settings import Settings

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "dedup.json"
SIZES = (10_000, 100_000)
SEED = 1


class TimedEncoder:
    """What phase 2 asks of the encoder, with the seconds that went into it and the names that it asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.seconds = 0.0
        self.names = 0

    def __call__(self, names: Sequence[str]) -> NDArray[np.float32]:
        """A vector for each name."""
        started = time.perf_counter()
        vectors = self._encoder.encode(names)
        self.seconds += time.perf_counter() - started
        self.names += len(names)
        return vectors


def main() -> None:
    """Measure every size, each in a new process; with ``--count``, be that process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, help="measure this many distinct names here and print one JSON object")
    count = parser.parse_args().count
    if count is not None:
        print(json.dumps(measure(count)))
        return
    sizes = {size: in_new_process(size) for size in SIZES}
    small, large = (sizes[size] for size in SIZES)
    result = {
        "command": "python scripts/measure_dedup.py",
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, Python {platform.python_version()}",
        "seed": SEED,
        "distinct names": sizes,
        "times the time": {part: _ratio(large["seconds"][part], small["seconds"][part]) for part in small["seconds"]},
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def in_new_process(count: int) -> dict[str, Any]:
    """What this script prints for ``count`` names, run anew so that neither memory nor caches are shared."""
    command = [sys.executable, __file__, "--count", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(count: int) -> dict[str, Any]:
    """Phase 2 on mentions with ``count`` distinct names."""
    settings = Settings()
    encoder = load_encoder(settings.encoder_model, device=settings.device)
    encoder.encode(["A name", "Another name"])
    generated = generate_mentions(generate_names(count, SEED), SEED)
    timed = TimedEncoder(encoder)
    started = time.perf_counter()
    found = link_mentions([row.mention for row in generated], timed)
    total = time.perf_counter() - started
    return {
        "mentions": len(generated),
        "entities": len(found.entities),
        "entities of the generator": len({row.entity for row in generated}),
        "names encoded": timed.names,
        "seconds": {
            "encoding": round(timed.seconds, 2),
            "all else": round(total - timed.seconds, 2),
            "all": round(total, 2),
        },
        "peak memory in MB": peak_memory(),
        "pairwise": pairwise(generated, found.entities),
    }


def pairwise(generated: Sequence[GeneratedMention], entities: Sequence[Entity]) -> dict[str, float]:
    """Pairs of mentions held together, over all documents, beside the generator's identities."""
    counts = Counts()
    got = {mention.id: entity.id for entity in entities for mention in entity.mentions}
    add_pairs(counts, got, {row.mention.id: row.entity for row in generated})
    return counts.figures()


def peak_memory() -> int:
    """The most memory that this process has held, in MB (10^6 bytes); macOS counts in bytes, Linux in KiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 10**6


def _ratio(large: float, small: float) -> float:
    return round(large / max(small, 0.01), 1)


if __name__ == "__main__":
    main()
