"""Where the time of the main job goes: every thread is looked at a hundred times a second.

    python scripts/profile_job.py GOLD [DOCUMENTS]       writes docs/results/speed-profile.json

GOLD is as for measure_speed.py. The time between two looks belongs to the threads that work, in equal parts, and there
to the package whose code a thread is in, also where that has called C; threads that wait are left out. Below, ours are
the functions of this project that are innermost on a thread's stack.
"""

import json
import shlex
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from measure_speed import DOCUMENTS, job

from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor
from aegis_pipeline.settings import Settings

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "speed-profile.json"
EVERY_SECONDS, SHOWN = 0.01, 15
WAITING = ("threading.py", "selectors.py", "queue.py", "concurrent/futures/", "multiprocessing/", "subprocess.py")


class Sampler(threading.Thread):
    """Counts what all other threads are doing until it is told to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.packages: dict[str, float] = defaultdict(float)
        self.ours: dict[str, float] = defaultdict(float)
        self._ended = threading.Event()

    def run(self) -> None:
        """Look, wait, look again."""
        last = time.perf_counter()
        while not self._ended.wait(EVERY_SECONDS):
            frames = [frame for thread, frame in sys._current_frames().items() if thread != self.ident]
            working = [frame for frame in frames if not any(part in frame.f_code.co_filename for part in WAITING)]
            now = time.perf_counter()
            for frame in working:
                self.packages[package_of(frame)] += (now - last) / len(working)
                self.ours[our_function(frame)] += (now - last) / len(working)
            last = now

    def end(self) -> None:
        """No look after this."""
        self._ended.set()
        self.join()


def package_of(frame: FrameType) -> str:
    """The top-level package of the code, or ``python`` for the standard library."""
    path = frame.f_code.co_filename
    if "aegis_pipeline" in path:
        return "aegis_pipeline"
    return path.rsplit("site-packages/", 1)[1].split("/")[0] if "site-packages/" in path else "python"


def our_function(frame: FrameType | None) -> str:
    """The innermost function of this project on the stack."""
    while frame is not None:
        path = frame.f_code.co_filename
        if "/aegis_pipeline/" in path:
            return f"{path.rsplit('/aegis_pipeline/', 1)[1]}: {frame.f_code.co_name}"
        frame = frame.f_back
    return "none"


def main() -> None:
    """Run the job below the sampler."""
    texts = [json.loads(line)["text"] for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    texts = texts[: int(sys.argv[2])] if len(sys.argv) > 2 else texts[:DOCUMENTS]
    settings = Settings()
    extractor = ThreePhaseExtractor.from_settings(settings)
    extractor.extract(texts[0])
    sampler = Sampler()
    sampler.start()
    full = job(settings, extractor, texts)
    sampler.end()
    result = {
        "command": shlex.join(["python", "scripts/profile_job.py", Path(sys.argv[1]).name, *sys.argv[2:]]),
        "documents": full["documents"],
        "seconds": full["seconds"]["all"],
        "packages": shares(sampler.packages),
        "ours": shares(sampler.ours),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def shares(seconds: Mapping[str, float]) -> dict[str, float]:
    """The largest, as shares of all."""
    largest = sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]
    return {name: round(value / sum(seconds.values()), 4) for name, value in largest}


if __name__ == "__main__":
    main()
