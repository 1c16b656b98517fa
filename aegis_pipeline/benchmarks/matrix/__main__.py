"""One repeat in a process of its own: ``python -m aegis_pipeline.benchmarks.matrix VARIANT GOLD OUT``.

A process of its own, so that loading is loading, and the peak of its memory is that of one repeat.
"""

import sys
import tempfile
from pathlib import Path

from aegis_pipeline.benchmarks.matrix.repeat import REPEAT, measure
from aegis_pipeline.benchmarks.matrix.variants import VARIANTS
from aegis_pipeline.benchmarks.scoring import load
from aegis_pipeline.errors import AegisError
from aegis_pipeline.logs import configure_logs
from aegis_pipeline.settings import settings


def main() -> None:
    """Measure, and write the repeat as JSON to OUT; an error of ours is one line on standard error."""
    variant, gold, out = sys.argv[1:]
    configure_logs(settings())
    try:
        with tempfile.TemporaryDirectory(prefix="aegis-benchmark-") as home:
            repeat = measure(VARIANTS[variant], tuple(load(gold).values()), settings(), Path(home))
    except AegisError as error:
        raise SystemExit(str(error)) from None
    Path(out).write_bytes(REPEAT.dump_json(repeat))


if __name__ == "__main__":
    main()
