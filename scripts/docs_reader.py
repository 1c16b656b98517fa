"""What docs/ say of the reader: reader.md's tables and the relations of quality.md, from docs/results/reader.json."""

from collections.abc import Iterable, Sequence
from typing import Any

from docs_tables import MENTION_ROWS, RELATION_ROWS, figures, result, table

from aegis_pipeline.reader.files import Training

BACKENDS = {"reader": "`NER_BACKEND=reader`", "spacy": "`NER_BACKEND=spacy`"}
FREQUENCIES = (1000, 300, 100, 30, 0)
CURVE_AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MOST_MISSED = 15


def relations_section() -> str:
    """The relations of quality.md."""
    found = result("reader")
    spacy, floor = found["with spaCy's mentions"], found["floor"]
    columns = {
        "the reader, all that it states": found["at the F1 point"],
        f"confidence >= {found['least confidence']:g} (the graph)": found["in the graph"],
        "on spaCy's mentions, all": spacy["at the F1 point"],
        "a prior that reads nothing": floor,
    }
    return "\n\n".join(
        [
            f"{trained(found)} `{found['command']}`",
            figures(columns, RELATION_ROWS),
            f"Both ends of {found['ceiling']} of the gold are found: no reader of these mentions has a higher recall "
            f"(spaCy's: {spacy['ceiling']}). The prior states what two types of entities have in common in at least "
            f"{floor['least share']} of the pairs. More: [reader](reader.md).",
        ]
    )


def trained(found: dict[str, Any]) -> str:
    """What the figures are of."""
    learned = Training.model_validate(found["trained on"])
    stage = f", after a first stage on {learned.partial.name}" if learned.partial else ""
    return (
        f"Re-DocRED dev {found['documents']}, by a reader that learned from {learned.train}{stage} and was tuned on "
        f"{learned.tune}."
    )


def reader_tables() -> dict[str, str]:
    """The tables of reader.md, by the names of their marks."""
    found = result("reader")
    return {
        "figures": main_figures(found),
        "confidence": confidence(found),
        "calibration": _calibration(found),
        "evidence": _evidence(found["evidence"]),
        "mentions": _backends(found),
        "elsewhere": _elsewhere(found["elsewhere"]),
        "tried": _tried(found["tried"]),
        "long tail": long_tail(found["properties"]),
        "missed": _missed(found["properties"]),
    }


def main_figures(found: dict[str, Any]) -> str:
    """Precision, recall and F1 with counts, beside floor and ceiling."""
    point = found["at the F1 point"]
    return "\n\n".join(
        [
            f"{trained(found)} `{found['command']}`",
            figures({"all that it states": point, "in the graph": found["in the graph"]}, MENTION_ROWS | RELATION_ROWS),
            f"Mean F1 over properties {point['rel_macro_f1']}. Both ends of {found['ceiling']} of the gold are found, "
            f"so that is the highest recall there can be; a prior that knows the types and reads nothing has F1 "
            f"{found['floor']['rel_soft']['f1']}. {found['documents a CPU second']} documents of 175 words a second on "
            f"one core, phases 1 to 3; {found['peak megabytes']:,} MB at most, encoder and spaCy's model included.",
        ]
    )


def confidence(found: dict[str, Any]) -> str:
    """The curve as numbers."""
    tuning = found["tuning"]
    points = {point["confidence"]: point for point in found["curve"]}
    rows = [(f"{c:g}", points[c]["p"], points[c]["r"], points[c]["stated"]) for c in CURVE_AT if c in points]
    recalls = ", ".join(f"{p} at {recall}" for recall, p in found["precision at recall"].items() if p is not None)
    return "\n\n".join(
        [
            table(["confidence at or above", "P", "R", "statements"], rows),
            f"Precision at recall: {recalls}. F1 is best at {found['decision']:.2f} on {tuning['documents']}, where "
            f"three of four are right from {tuning['least confidence of the wanted precision']:.2f} on; the graph asks "
            f"for {found['least confidence']:g}.",
        ]
    )


def _calibration(found: dict[str, Any]) -> str:
    rows = [(f"{row['from']:g}", row["stated"], row["mean"], row["right"]) for row in found["calibration"]]
    return table(["confidence from", "statements", "mean confidence", "are right"], rows)


def _evidence(found: dict[str, Any]) -> str:
    shares = [(name, share) for name, share in found["share in gold evidence"].items()]
    sentences = {"all that it gives": found["all sentences"], "the first alone": found["first sentence only"]}
    apart = found["of them named together in no sentence"]
    return "\n\n".join(
        [
            f"{found['statements']} right statements whose gold has evidence; of {apart} no sentence names both ends.",
            table(["one sentence", "is in gold evidence"], shares),
            figures({name: {"all": row} for name, row in sentences.items()}, {"all": "sentences"}),
        ]
    )


def _backends(found: dict[str, Any]) -> str:
    """The two backends of phase 1, end to end."""
    both = {
        BACKENDS["reader"]: found["at the F1 point"],
        BACKENDS["spacy"]: found["with spaCy's mentions"]["at the F1 point"],
    }
    rows = {name: MENTION_ROWS[name] for name in ("ner_span", "ner_typed", "pairwise")} | RELATION_ROWS
    return figures(both, rows)


def _elsewhere(found: dict[str, Any]) -> str:
    """Other kinds of text, for both backends."""
    names = list(found["reader"])
    gum, re3d, samples = ([found[ner][name] for ner in BACKENDS] for name in names)
    rows = [
        ("GUM: named things found", *(one["names found"] for one in gum)),
        ("GUM: identity over documents, pairs F1 (P)", *(_f1_p(one["pairwise"]) for one in gum)),
        ("GUM: documents without a statement", *(_without(one) for one in gum)),
        ("re3D: mentions, span F1 (P)", *(_f1_p(one["ner_span"]) for one in re3d)),
        ("re3D: relations with a property, of these with both ends found, related, fitting", *map(_fitting, re3d)),
        ("re3D: documents without a statement", *(_without(one) for one in re3d)),
        ("samples: mentions, span F1 (P)", *(_f1_p(one["at the F1 point"]["ner_span"]) for one in samples)),
        ("samples: relations F1 (P)", *(_f1_p(one["at the F1 point"]["rel_soft"]) for one in samples)),
        ("samples: relations in the graph F1 (P)", *(_f1_p(one["in the graph"]["rel_soft"]) for one in samples)),
        (
            "samples: identity over documents, pairs F1 (P)",
            *(_f1_p(one["across documents"]["pairwise"]) for one in samples),
        ),
    ]
    return table(["", *BACKENDS.values()], rows)


def _f1_p(found: dict[str, Any]) -> str:
    return f"{found['f1']} ({found['p']})"


def _without(found: dict[str, Any]) -> str:
    levels = (found[level]["share of documents without any"] for level in ("at the F1 point", "in the graph"))
    return "{:.0%}, in the graph {:.0%}".format(*levels)


def _fitting(found: dict[str, Any]) -> str:
    return ", ".join(str(count) for count in found["relations at the F1 point"].values())


def _tried(rows: Sequence[dict[str, Any]]) -> str:
    """A row for each training, by what its steps reached on the tuning documents."""
    return table(
        ["training", "tagger, span F1", "fold taggers", "first stage", "relations F1", "on gold mentions", "epochs"],
        [(row["name"], *_reached(row["on the tuning documents"])) for row in rows],
    )


def _reached(steps: dict[str, Any]) -> Iterable[str]:
    folds = [step["f1"] for name, step in steps.items() if name.startswith("fold-")]
    relations = steps.get("relations", {})
    yield _f1(steps.get("tagger"))
    yield f"{sum(folds) / len(folds):.3f}" if folds else "–"
    yield _f1(steps.get("first-stage"))
    yield _f1(relations)
    yield f"{relations['gold_f1']:.3f}" if relations else "–"
    yield f"{relations['epoch']} of {relations['epochs']}" if relations else "–"


def _f1(step: dict[str, Any] | None) -> str:
    return f"{step['f1']:.3f}" if step else "–"


def long_tail(rows: Sequence[dict[str, Any]]) -> str:
    """Properties by how many statements they were learned from."""
    lines, rest = [], list(rows)
    for least in FREQUENCIES:
        group = [row for row in rest if row["in training"] >= least]
        rest = [row for row in rest if row["in training"] < least]
        tp, fp, fn = (sum(row[n] for row in group) for n in ("tp", "fp", "fn"))
        p, r = tp / max(1, tp + fp), tp / max(1, tp + fn)
        name = f"{least:,} or more" if least else "fewer"
        lines.append((name, len(group), tp + fn, f"{p:.3f}", f"{r:.3f}", f"{2 * p * r / max(1e-9, p + r):.3f}"))
    return table(["statements in training", "properties", "in the report", "P", "R", "F1"], lines)


def _missed(rows: Sequence[dict[str, Any]]) -> str:
    """The properties of which most is missed."""
    worst = sorted(rows, key=lambda row: -row["fn"])[:MOST_MISSED]
    return table(
        ["property", "learned from", "in the report", "right", "wrong"],
        [(f"{r['pid']} {r['name']}", r["in training"], r["tp"] + r["fn"], r["tp"], r["fp"]) for r in worst],
    )
