"""The benchmark under the name that the plan gives it: ``python scripts/benchmark_production_pipeline.py --help``.

It is ``aegis benchmark run``, with the same options.
"""

import sys

from aegis_pipeline.cli.main import main

if __name__ == "__main__":
    sys.argv[1:1] = ["benchmark", "run"]
    main()
