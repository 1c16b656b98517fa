"""Writes the pages of docs/ that are made from code and results: settings.md, cli.md, quality.md, the
model card of the packaged reader, and the tables of reader.md, identity.md, production.md and the README.

python scripts/build_docs.py            write them
python scripts/build_docs.py --check    fail where one is not what the code says
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from docs_ci import ci_tables
from docs_gates import gate_tables
from docs_gpu import gpu_page
from docs_llm import llm_beside_lightrag, llm_calls
from docs_logs import events_table
from docs_metrics import metrics_table, scrape_table
from docs_model_card import model_card
from docs_operations import operation_tables
from docs_quality import calibration, false_merges, quality_page, servers, thresholds, wrong_merges
from docs_reader import reader_tables
from docs_readme import readme_tables
from docs_settings import settings_page
from docs_speed import speed_tables
from docs_sprint import sprint_tables
from docs_tables import DOCS, MADE
from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

from aegis_pipeline.benchmarks import report
from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.cli.main import app

README = DOCS.parent / "README.md"


def cli_page() -> str:
    """What Typer writes of every command, after a word on exit codes."""
    intro = (
        "Exit codes: 0 done; 1 a gate stopped the run, `aegis retry` left dead letters, or `aegis doctor` found "
        "something missing; 2 something is wrong with the input or the settings; 75 a server did not answer, so try "
        "again."
    )
    command = get_command(app)
    with Context(command, info_name="aegis") as context:
        body = get_docs_for_click(obj=command, ctx=context, name="aegis")
    return f"{MADE}\n\n{body.rstrip()}\n\n## Exit codes\n\n{intro}\n"


def readme_page() -> str:
    """The README with its tables as the settings and the results have them."""
    return _with_tables(README, readme_tables())


def identity_page() -> str:
    """The page on identity with its figures as the results have them."""
    made = {
        "thresholds": thresholds(),
        "calibration": calibration(),
        "false merges": false_merges(),
        "wrong merges": wrong_merges(),
    }
    return _with_tables(DOCS / "identity.md", made)


def reader_page() -> str:
    """The page on the reader with its figures as the results have them."""
    return _with_tables(DOCS / "reader.md", reader_tables())


def production_page() -> str:
    """The page on the production profile with its figures as the results have them."""
    return _with_tables(DOCS / "production.md", {"cost": servers()})


def llm_page() -> str:
    """The page on relations by an LLM with its figures as the results have them."""
    return _with_tables(DOCS / "llm-relations.md", {"calls": llm_calls(), "beside lightrag": llm_beside_lightrag()})


def logs_page() -> str:
    """The page on the log with its events as the code has them."""
    return _with_tables(DOCS / "logs.md", {"events": events_table()})


def metrics_page() -> str:
    """The page on metrics with its tables as the code and the result have them."""
    return _with_tables(DOCS / "metrics.md", {"metrics": metrics_table(), "scrape": scrape_table()})


def gates_page() -> str:
    """The page on the gates with its figures as the results have them."""
    return _with_tables(DOCS / "gates.md", gate_tables())


def operations_page() -> str:
    """The page for operators with its figures as the results have them."""
    return _with_tables(DOCS / "OPERATIONS.md", operation_tables())


def benchmarks_page() -> str:
    """The page on benchmarks with the speed of the job as the results have it."""
    return _with_tables(DOCS / "benchmarks.md", speed_tables())


def ci_page() -> str:
    """The guide to continuous integration with its figures as the results have them."""
    return _with_tables(DOCS / "CI_CD_GUIDE.md", ci_tables())


def sprint_page() -> str:
    """The plan of sprint 14 with its metrics of success as the results have them."""
    return _with_tables(DOCS / "SPRINT_14.md", sprint_tables())


def _with_tables(page: Path, tables: Mapping[str, str]) -> str:
    """A page with each table between its two marks."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}{table}{end}{rest.split(end)[1]}"
    return text


def benchmark_pages() -> dict[str, str]:
    """The benchmark's report from the committed results, and the schema of its result file."""
    schema = json.dumps(BenchmarkResults.model_json_schema(), indent=1) + "\n"
    results = DOCS / report.RESULTS
    made = {"results/benchmark.schema.json": schema}
    if results.exists():
        found = BenchmarkResults.model_validate_json(results.read_bytes())
        made |= {f"images/{name}": svg for name, svg in report.charts(found).items()}
        made[report.PAGE] = report.page(found)
    return made


def pages() -> dict[Path, str]:
    """Every page that is made, as it should be."""
    made = {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "quality.md": quality_page(),
        "identity.md": identity_page(),
        "production.md": production_page(),
        "llm-relations.md": llm_page(),
        "reader.md": reader_page(),
        "gates.md": gates_page(),
        "logs.md": logs_page(),
        "metrics.md": metrics_page(),
        "OPERATIONS.md": operations_page(),
        "GPU_REQUIREMENTS.md": gpu_page(),
        "CI_CD_GUIDE.md": ci_page(),
        "benchmarks.md": benchmarks_page(),
        "SPRINT_14.md": sprint_page(),
    }
    made |= benchmark_pages()
    card = model_card()
    return {
        README: readme_page(),
        **{DOCS / name: text for name, text in made.items()},
        **({card[0]: card[1]} if card else {}),
    }


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for path, text in pages().items():
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"{', '.join(stale)}: not what the code and the results say. Run `make docs`.")


if __name__ == "__main__":
    main()
