"""Where the time of the main job goes: every thread is looked at a hundred times a second.

    python scripts/profile_job.py GOLD [DOCUMENTS]       writes docs/results/speed-profile.json

GOLD is as for measure_speed.py. A look belongs to the package whose code a thread is in, also where that has called C;
threads that wait are left out. Below, ours are the functions of this project that are innermost on a thread's stack.
"""

import json
import shlex
import sys
import threading
from collections import Counter
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
        self.packages: Counter[str] = Counter()
        self.ours: Counter[str] = Counter()
        self._ended = threading.Event()

    def run(self) -> None:
        """Look, wait, look again."""
        while not self._ended.wait(EVERY_SECONDS):
            for thread, frame in sys._current_frames().items():
                if thread != self.ident and not any(part in frame.f_code.co_filename for part in WAITING):
                    self.packages[package_of(frame)] += 1
                    self.ours[our_function(frame)] += 1

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


def shares(counted: Counter[str]) -> dict[str, float]:
    """The largest, as shares of all."""
    total = counted.total()
    return {name: round(count / total, 4) for name, count in counted.most_common(SHOWN)}


if __name__ == "__main__":
    main()
