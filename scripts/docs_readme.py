"""The tables of the README: settings to know, what the demo makes, and how good it is beside what one takes instead."""

from typing import Any

from docs_settings import settings_table
from docs_tables import result, table

from aegis_pipeline.benchmarks.matrix.results import BenchmarkResults
from aegis_pipeline.benchmarks.report.targets import EMBEDDED

TO_KNOW = (
    "aegis_home",
    "aegis_profile",
    "extraction_pipeline",
    "enable_legacy_extraction",
    "extraction_rollout_percent",
    "extraction_batch_size",
    "extraction_max_workers",
    "relation_backend",
    "device",
)


def readme_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    return {"settings": settings_table(TO_KNOW), "demo": _demo(), "quality": _quality()}


def _demo() -> str:
    counts = result("samples")["counts"]
    return table(tuple(counts), [tuple(counts.values())])


def _quality() -> str:
    head = ("", "here", "what one takes instead", "its", "measured by")
    return table(head, [*_mentions_and_identity(), *_relations(), *_questions_and_speed()])


def _mentions_and_identity() -> list[tuple[str, ...]]:
    found = result("mentions")
    ours, bare, by = found["phases_1_and_2"], found["bare_model"], _by("mentions")
    across = found["across_xdoc_docred_qcode"]["pairwise"]
    names, spacy = ours["ner_span"]["f1"], bare["ner_span"]["f1"]
    return [
        ("mentions, span F1 (Re-DocRED dev 0-299)", names, "spaCy alone, en_core_web_sm", spacy, by),
        (
            "identity within a document, pairwise F1 and precision (the same)",
            _f1_p(ours["pairwise"]),
            "equal names of spaCy alone",
            _f1_p(bare["pairwise"]),
            by,
        ),
        ("identity across documents, pairwise F1 and precision (DocRED)", _f1_p(across), "not measured", "", by),
    ]


def _relations() -> list[tuple[str, ...]]:
    reader, by = result("reader"), _by("reader")
    title = f"relations, F1 and precision (Re-DocRED dev {reader['documents']})"
    floor = _f1_p(reader["floor"]["rel_soft"])
    in_graph = _f1_p(reader["in the graph"]["rel_soft"])
    return [
        (title, _f1_p(reader["at the F1 point"]["rel_soft"]), "a guess by types that reads nothing", floor, by),
        ("relations that enter the graph, F1 and precision (the same)", in_graph, "the same", floor, by),
    ]


def _questions_and_speed() -> list[tuple[str, ...]]:
    modes = result("samples")["recall@5 of the passages"]
    speed, merge = result("speed"), result("stock-merge")
    recall = ", ".join(f"{mode} {found['recall']}" for mode, found in modes.items() if mode != "naive")
    return [
        (
            "recall@5 of the passages that answer (samples, no LLM)",
            recall,
            "vectors of passages alone",
            f"naive {modes['naive']['recall']}",
            _by("samples"),
        ),
        (
            f"seconds to write {merge['documents']} documents into the graph",
            merge["ours"]["seconds"],
            "LightRAG's merge of the same extraction",
            merge["stock LightRAG"]["seconds"],
            _by("stock-merge"),
        ),
        _beside_an_llm(),
        (
            "words a second, files to graph, two CPU threads",
            speed["job"]["words per second"],
            "spaCy alone, mentions only",
            speed["bare nlp.pipe"]["words per second"],
            _by("speed"),
        ),
    ]


def _beside_an_llm() -> tuple[str, ...]:
    found = BenchmarkResults.model_validate(result("benchmark_results_sprint14"))
    ours, theirs = (found.cell(variant, "gold") for variant in (EMBEDDED, "legacy-q4_k_m-cpu"))
    if not (ours and ours.figures and theirs and theirs.figures):
        raise ValueError("The benchmark's results lack one document by both arms: docs/benchmarks.md has the commands.")
    return (
        f"seconds for one document of {ours.figures.words} words",
        f"{ours.figures.total.wall_seconds.median:.1f}",
        "LightRAG's extraction, Gemma 3 270M on the same CPU",
        f"{theirs.figures.total.wall_seconds.median:.1f}",
        "[`aegis benchmark run`](docs/PERFORMANCE_BENCHMARKS.md)",
    )


def _by(name: str) -> str:
    """The script that made a result, linked to the file, which has its whole command."""
    script = next(word for word in result(name)["command"].split() if word.endswith(".py"))
    return f"[`{script.removeprefix('scripts/')}`](docs/results/{name}.json)"


def _f1_p(found: dict[str, Any]) -> str:
    return f"{found['f1']}, {found['p']}"
