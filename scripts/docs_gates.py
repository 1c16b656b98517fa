"""The tables of gates.md: what honest batches gave each gate, beside its thresholds."""

from docs_tables import result, table

from aegis_pipeline.settings import Settings

Figures = dict[str, dict[str, float]]


def gate_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    return {"mention rate": mention_rate(), "dedup ratio": dedup_ratio(), "drift": drift(), "gold": gold()}


def mention_rate() -> str:
    """For each set of documents, the least and the most of its batches."""
    rows = (
        (name, found["words"], found["batches judged"], *_bounds(found["mentions_per_1000_words"]))
        for name, found in result("gates")["mention_rate"].items()
    )
    limits = ("threshold", "", "", _default("mention_rate_min"), _default("mention_rate_max"))
    return table(("documents", "words", "batches judged", "least", "most"), [*rows, limits])


def dedup_ratio() -> str:
    """The same of entities per name and of the largest entity; and what a phase 2 that joins nothing would give."""
    rows = []
    for name, found in result("gates")["dedup_ratio_bounds"].items():
        apart = next(value for key, value in found.items() if key.startswith("nothing joined"))
        nothing = apart["entities_per_name"]["least"]
        share = found["largest_share"]["most"]
        rows.append((name, found["batches judged"], *_bounds(found["entities_per_name"]), share, nothing))
    limits = ("threshold", "", *map(_default, ("dedup_ratio_min", "dedup_ratio_max", "dedup_max_share")), "")
    head = ("documents", "batches judged", "least", "most", "largest entity", "least, were nothing joined")
    return table(head, [*rows, limits])


def drift() -> str:
    """The largest index of a batch against the others of its set, where there are enough relations."""
    rows = (
        (name, found["batches judged"], *(found[index]["most"] for index in _INDEXES))
        for name, found in result("gates")["confidence_drift"].items()
        if found["batches judged"]
    )
    other = [
        pair for found in result("gates")["confidence_drift against another corpus"].values() for pair in found.values()
    ]
    against = ("each set after each other one", len(other), *(max(pair[k] for pair in other) for k in (0, 1)))
    limits = ("threshold", "", _default("max_drift"), _default("max_drift"))
    return table(("documents", "batches judged", "confidences, most", "types, most"), [*rows, against, limits])


def gold() -> str:
    """Phase 2 on the gold mentions, and all phases on the texts."""
    precision = result("gates")["dedup_precision_on_gold"]["precision"]
    lowest = ("dedup_precision_on_gold: precision of pairs", precision, _default("dedup_precision_min"))
    tolerance = float(_default("quality_tolerance"))
    scored = (
        (f"quality_on_gold: F1 of {name}", f1, round(f1 - tolerance, 4))
        for name, f1 in result("gates")["quality_on_gold"].items()
    )
    return table(("figure", "measured", "red below"), [lowest, *scored])


_INDEXES = ("confidence_stability_index", "type_stability_index")


def _bounds(found: dict[str, float]) -> tuple[float, float]:
    return found["least"], found["most"]


def _default(name: str) -> str:
    return str(Settings.model_fields[name].default)
