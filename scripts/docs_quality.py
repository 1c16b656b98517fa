"""The pages of docs/ that are made from docs/results: quality.md, and the tables of identity.md."""

from typing import Any

from docs_reader import relations_section
from docs_tables import IDENTITY_ROWS, MADE, MENTION_ROWS, RELATION_ROWS, figures, result, table

ACROSS = ("xdoc_docred_qcode", "xdoc_gum_free_train")


def quality_page() -> str:
    """The figures of docs/results, each with the command that made it."""
    mentions, samples, speed, growth = (result(name) for name in ("mentions", "samples", "speed", "growth"))
    within, across = samples["within documents"], samples["across documents"]
    parts = [
        "# Quality and speed",
        MADE,
        "Every figure comes from a file in `docs/results/`. P, R and F1 are from counts of right (tp), wrong (fp) and "
        "missed (fn); what each means stands in `aegis_pipeline/benchmarks/scoring/__init__.py`. Re-DocRED's dev split "
        "is outside data: name its file in the command.",
        "## Mentions and identity",
        f"Re-DocRED dev 0-299, identity tuned on 300-499; {mentions['model']}. DIR is the folder of that training. "
        f"`{mentions['command']}`",
        figures({"bare spaCy": mentions["bare_model"], "phases 1 and 2": mentions["phases_1_and_2"]}, MENTION_ROWS),
        figures({"NER_BACKEND=spacy": mentions["spacy_backend"]}, MENTION_ROWS),
        figures({"regex fallback": mentions["regex_fallback"]}, MENTION_ROWS),
        "Pairs of other names are the merges alone: two mentions whose names differ in more than case, articles and "
        "punctuation ([identity](identity.md)). Across documents (used while developing, so not held out):",
        figures({name: mentions[f"across_{name}"] for name in ACROSS}, IDENTITY_ROWS),
        "The same on the mentions of `NER_BACKEND=spacy`:",
        figures({name: mentions[f"spacy_backend_across_{name}"] for name in ACROSS}, IDENTITY_ROWS),
        "## Relations",
        relations_section(),
        "## The bundled samples",
        f"14 documents; the gold was made before any extractor ran on them, and nothing was tuned on it; one "
        "rule (a bracket that is never closed ends a name) was noticed there and chosen on Re-DocRED 300-499. "
        f"`{samples['command']}`. What goes wrong in them: [samples-errors.md](results/samples-errors.md).",
        figures({"within documents": within, "across documents": across}, {**MENTION_ROWS, **RELATION_ROWS}),
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


def _recall(modes: dict[str, Any]) -> str:
    rows = [
        f"| {mode} | {found['recall']} | {found['all passages']} of {found['questions']} |"
        for mode, found in modes.items()
    ]
    return "\n".join(["| mode | recall@5 | questions with every passage |", "|---|--:|--:|", *rows])


def _speed(speed: dict[str, Any]) -> str:
    job, bare, encoder = speed["job"], speed["bare nlp.pipe"], speed["encoder"]
    rows = [f"| {phase} | {seconds} |" for phase, seconds in job["seconds"].items()]
    models = speed["models alone"]
    alone = ", ".join(f"{name} {seconds} s" for name, seconds in models.items())
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
            f"The models alone, asked again for what the job asked them: {alone}, in all {sum(models.values()):.1f} s. "
            f"The job takes {speed['job over its models']} times that.",
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


def thresholds() -> str:
    """What cross-validation reached at each threshold of the classifier; the one that is used is marked."""
    identity = result("identity")
    used = str(identity["cross-validation"]["threshold"])
    lines = [
        "| threshold | all pairs: P | R | F1 | pairs of other names: P | right / wrong |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for threshold, found in identity["by threshold"].items():
        pairs, merges = found["pairwise"], found["merges"]
        title = f"**{threshold}** (used)" if threshold == used else threshold
        counts = f"{merges['tp']} / {merges['fp']}"
        lines.append(f"| {title} | {pairs['p']} | {pairs['r']} | {pairs['f1']} | {merges['p']} | {counts} |")
    labelled, validation = identity["pairs"], identity["cross-validation"]
    lines += [
        "",
        f"Re-DocRED dev {identity['documents']}: {labelled['same']} pairs of names that are one thing and "
        f"{labelled['other']} that are not; {validation['folds']} folds by document. `{identity['command']}`",
    ]
    return "\n".join(lines)


def calibration() -> str:
    """For each tenth of the score, what share of the pairs is one thing."""
    rows = [
        f"| {row['from']} | {row['pairs']} | {row['mean']} | {row['same']} |"
        for row in result("identity")["calibration"]
    ]
    return "\n".join(["| score from | pairs | mean score | are one thing |", "|---|--:|--:|--:|", *rows])


def false_merges() -> str:
    """Pairs of mentions of the samples that are one entity and should not be."""
    samples = result("samples")
    found = samples["across documents"]["pairwise"]
    return (
        f"In the bundled samples {found['tp']} pairs of mentions are rightly one entity and {found['fp']} "
        f"wrongly, over all documents. `{samples['command']}`"
    )


def wrong_merges() -> str:
    """The merges of the report documents that the labels call wrong, read by hand."""
    labelled, read = result("mentions"), result("wrong-merges")
    merges, rows = labelled["phases_1_and_2"]["merges_beyond_key"], read["merges that the labels call wrong"]
    one = sum(row["pairs"] for row in rows if row["one thing"])
    share = round((merges["tp"] + one) / (merges["tp"] + merges["fp"]), 3)
    two = [row for row in rows if not row["one thing"]]
    return "\n".join(
        [
            f"By the labels of {read['documents']}, {merges['tp']} pairs of other names are right and {merges['fp']} "
            f"wrong (P {merges['p']}). Read one by one, {one} of these {merges['fp']} are one thing to any reader, "
            f"labelled as two (P {share} by that reading); every one is listed in "
            "[wrong-merges.json](results/wrong-merges.json). Those that are two things:",
            "",
            "| document | names | pairs | what they are |",
            "|---|---|--:|---|",
            *(f"| {r['document']} | {', '.join(r['names'])} | {r['pairs']} | {r['why not']} |" for r in two),
        ]
    )


def servers() -> str:
    """What writing into servers costs: three small tables."""
    found = result("servers")
    nodes, trips, writes = (found[name] for name in ("nodes and edges", "round trips to Neo4j", "whole writes"))
    versions = f"{found['versions']['servers']}, LightRAG {found['versions']['lightrag-hku']}"
    rows = f"{nodes['nodes']:,} nodes and {nodes['edges']:,} edges"
    parts = [
        f"`{found['command']}`; {found['machine']}; {versions}.",
        table([f"one transaction of Neo4j, {rows}", "seconds"], nodes["seconds"].items()),
        table(
            [f"a first write of {trips['documents']} documents", "round trips to Neo4j", "seconds"],
            [(who, trips[who]["round trips"], trips[who]["seconds"]) for who in ("ours", "stock LightRAG")],
        ),
        table(
            [f"{writes['documents']} documents, seconds", "in files", "in servers"],
            [(what, writes["in files"][what], writes["in servers"][what]) for what in writes["in files"]],
        ),
    ]
    return "\n\n".join(parts)
