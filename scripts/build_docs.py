"""Writes the pages of docs/ that are made from code and results: settings.md, cli.md, quality.md, and
the tables of the README.

python scripts/build_docs.py            write them
python scripts/build_docs.py --check    fail where one is not what the code says
"""

import argparse
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

from aegis_pipeline.cli.main import app
from aegis_pipeline.settings import Settings

README = Path(__file__).resolve().parent.parent / "README.md"
DOCS = README.parent / "docs"
MADE = "<!-- Made by scripts/build_docs.py: edit the code, then run `make docs`. -->"
FLOOR = "floor: type-pair prior, same sentence"
ACROSS = ("xdoc_docred_qcode", "xdoc_gum_free_train")
IDENTITY_ROWS = {"pairwise": "identity, pairs", "b3": "identity, B-cubed"}
MENTION_ROWS = {"ner_span": "mentions, span", "ner_typed": "mentions, span and type", **IDENTITY_ROWS}
RELATION_ROWS = {"rel_soft": "relations", "rel_strict": "relations, strict", "rel_pair": "related pairs"}


def settings_page() -> str:
    """A table row for each setting: variable, values, default, what it does."""
    rows = [_setting_row(name, field) for name, field in Settings.model_fields.items()]
    intro = (
        "Settings come from the environment, or from a file `.env` in the working directory; the environment wins. "
        "A wrong value ends the command with a message that names the valid ones."
    )
    table = ["| variable | values | default | |", "|---|---|---|---|", *rows]
    return "\n".join(["# Settings", "", MADE, "", intro, "", *table, ""])


def _setting_row(name: str, field: FieldInfo) -> str:
    default = field.default.value if isinstance(field.default, Enum) else field.default
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return f"| `{name.upper()}` | {_values(field)} | {shown} | {field.description} |"


def _values(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is not None:
        kind = next(part for part in get_args(kind) if part is not type(None))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    limits = {type(rule).__name__: rule for rule in field.metadata}
    low, high = (limits[n] for n in ("Ge", "Le")) if {"Ge", "Le"} <= limits.keys() else (None, None)
    if low is not None and high is not None:
        return f"{low.ge} to {high.le}"
    if "Ge" in limits:
        return f"at least {limits['Ge'].ge}"
    return {"bool": "true, false", "Path": "path", "str": "text"}.get(kind.__name__, "number above 0")


def cli_page() -> str:
    """What Typer writes of every command, after a word on exit codes."""
    intro = (
        "Exit codes: 0 done; 1 a gate stopped the run, or `aegis doctor` found something missing; 2 something is wrong "
        "with the input or the settings; 75 a server did not answer, so try again."
    )
    command = get_command(app)
    with Context(command, info_name="aegis") as context:
        body = get_docs_for_click(obj=command, ctx=context, name="aegis")
    return f"{MADE}\n\n{body.rstrip()}\n\n## Exit codes\n\n{intro}\n"


def quality_page() -> str:
    """The figures of docs/results, each with the command that made it."""
    mentions, relations = _result("mentions"), _result("relations")
    samples, speed, growth = _result("samples"), _result("speed"), _result("growth")
    held_out = relations["held out"]
    within, across = samples["within documents"], samples["across documents"]
    parts = [
        "# Quality and speed",
        MADE,
        "Every figure comes from a file in `docs/results/`. P, R and F1 are from counts of right (tp), wrong (fp) and "
        "missed (fn); what each means stands in `aegis_pipeline/benchmarks/scoring/__init__.py`. Re-DocRED's dev split "
        "is outside data: name its file in the command.",
        "## Mentions and identity",
        f"Re-DocRED dev 0-299, tuned on 300-499; {mentions['model']}. `{mentions['command']}`",
        _figures({"bare model": mentions["bare_model"], "phases 1 and 2": mentions["phases_1_and_2"]}, MENTION_ROWS),
        _figures({"regex fallback": mentions["regex_fallback"]}, MENTION_ROWS),
        "Across documents (used while developing, so not held out):",
        _figures({name: mentions[f"across_{name}"] for name in ACROSS}, IDENTITY_ROWS),
        "## Relations",
        f"{relations['data']}; {relations['pipeline']}. `{relations['command']}`",
        _figures({**held_out, "a prior that reads nothing": relations[FLOOR]}, RELATION_ROWS),
        "The extractor reads the dependency parse: it is careful and finds few of the relations that a whole document "
        "states, most of which lie across sentences.",
        "## The bundled samples",
        f"14 documents; the gold was made before any extractor ran on them, and nothing was tuned on it; one "
        "rule (a bracket that is never closed ends a name) was noticed there and chosen on Re-DocRED 300-499. "
        f"`{samples['command']}`. What goes wrong in them: [samples-errors.md](results/samples-errors.md).",
        _figures({"within documents": within, "across documents": across}, {**MENTION_ROWS, **RELATION_ROWS}),
        "Share of the passages that answer the twenty questions among the first five retrieved, without any LLM. A "
        "mode below `naive` (vectors of passages alone) is no gain on these questions:",
        _recall(samples["recall@5 of the passages"]),
        "## Speed",
        f"Models loaded, then everything from files to a graph that was read back; {speed['machine']}. "
        f"`{speed['command']}`",
        _speed(speed),
        "## Growth",
        "One batch grows, through Dagster's assets and gates as `aegis run` does it, models loaded; then one document "
        f"of it changes. {growth['machine']}. `{growth['command']}`",
        _growth(growth),
    ]
    return "\n\n".join(parts) + "\n"


def readme_page() -> str:
    """The README with its two tables as the results have them."""
    text = README.read_text(encoding="utf-8")
    for name, table in (("demo", _demo_table()), ("quality", _summary())):
        start, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}{table}{end}{rest.split(end)[1]}"
    return text


def _demo_table() -> str:
    counts = _result("samples")["counts"]
    return f"| {' | '.join(counts)} |\n|{'--:|' * len(counts)}\n| {' | '.join(map(str, counts.values()))} |"


def _summary() -> str:
    mentions, speed = _result("mentions")["phases_1_and_2"], _result("speed")
    across = _result("mentions")["across_xdoc_docred_qcode"]["pairwise"]
    relations = _result("relations")["held out"][
        f"confidence >= {Settings.model_fields['relation_min_confidence'].default}"
    ]
    modes = _result("samples")["recall@5 of the passages"]
    recall = ", ".join(f"{mode} {found['recall']}" for mode, found in modes.items())
    rows = [
        ("mentions, span F1 (Re-DocRED dev 0-299)", mentions["ner_span"]["f1"]),
        ("identity within a document, pairwise F1 and precision (the same)", _f1_p(mentions["pairwise"])),
        ("identity across documents, pairwise F1 and precision (DocRED)", _f1_p(across)),
        ("relations, F1 and precision (Re-DocRED dev 400-499)", _f1_p(relations["rel_soft"])),
        ("recall@5 of the passages that answer (samples, no LLM)", recall),
        ("words a second, files to graph, two CPU threads", speed["job"]["words per second"]),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _f1_p(found: dict[str, Any]) -> str:
    return f"{found['f1']}, {found['p']}"


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _figures(columns: dict[str, Any], rows: dict[str, str]) -> str:
    """A table row for each figure that a column has."""
    lines = ["| | | P | R | F1 | tp / fp / fn |", "|---|---|--:|--:|--:|--:|"]
    for title, figures in columns.items():
        for key, name in rows.items():
            found = figures.get(key, {})
            if "f1" in found:
                counts = " / ".join(str(found[n]) for n in ("tp", "fp", "fn")) if "tp" in found else ""
                lines.append(f"| {title} | {name} | {found['p']} | {found['r']} | {found['f1']} | {counts} |")
    return "\n".join(lines)


def _recall(modes: dict[str, Any]) -> str:
    rows = [
        f"| {mode} | {found['recall']} | {found['all passages']} of {found['questions']} |"
        for mode, found in modes.items()
    ]
    return "\n".join(["| mode | recall@5 | questions with every passage |", "|---|--:|--:|", *rows])


def _speed(speed: dict[str, Any]) -> str:
    job, bare, encoder = speed["job"], speed["bare nlp.pipe"], speed["encoder"]
    rows = [f"| {phase} | {seconds} |" for phase, seconds in job["seconds"].items()]
    return "\n".join(
        [
            "| phase | seconds |",
            "|---|--:|",
            *rows,
            "",
            f"{job['documents']} documents, {job['words']:,} words: {job['words per second']:,} words a second, beside "
            f"{bare['words per second']:,} for bare `nlp.pipe` on the same chunks ({speed['job over bare nlp.pipe']} "
            "times its time). Most of the time goes to the vectors of the graph: LightRAG has one for each entity, "
            "edge and passage.",
            "",
            "On a CPU with bfloat16 instructions the encoder multiplies in that precision. Here: "
            f"{str(encoder['bfloat16']).lower()}, {encoder['times as fast as float32']} times as fast as float32, "
            f"least cosine between the two vectors of a sentence {encoder['least cosine to float32']}.",
        ]
    )


def _growth(growth: dict[str, Any]) -> str:
    """What a document costs as the batch grows, and what each change costs in the largest batch, step by step."""
    sizes = list(growth["first run"])
    costs = growth[f"cost of a document, against {sizes[0]}"]
    listed = ", ".join(f"{size}: {ratio}" for size, ratio in costs.items())
    runs = {"first run": growth["first run"][sizes[-1]], **growth[f"then, with {sizes[-1]} documents"]}
    shares = {"first run": 1, **growth["share of the first run"]}
    steps = runs["first run"]["seconds"]
    lines = [f"| {step} | {' | '.join(str(run['seconds'][step]) for run in runs.values())} |" for step in steps]
    return "\n".join(
        [
            f"Cost of a document against its cost among {sizes[0]}: {listed}.",
            "",
            f"Then, with {sizes[-1]} documents, in seconds:",
            "",
            f"| | {' | '.join(runs)} |",
            f"|---|{'--:|' * len(runs)}",
            *lines,
            f"| share of the first run | {' | '.join(map(str, shares.values()))} |",
            "",
            "![What a document costs as a batch grows, and what one change costs](images/growth.svg)",
        ]
    )


def pages() -> dict[Path, str]:
    """Every page that is made, as it should be."""
    made = {"settings.md": settings_page(), "cli.md": cli_page(), "quality.md": quality_page()}
    return {README: readme_page(), **{DOCS / name: text for name, text in made.items()}}


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
