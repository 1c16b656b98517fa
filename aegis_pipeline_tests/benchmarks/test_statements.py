"""Statements one by one, on a document whose counts can be checked by hand."""

from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction
from aegis_pipeline.benchmarks.statements import by_property, evidence, stated
from aegis_pipeline.records import Relation, Span

TEXT = "Ann was born in Ulm. Bob was born there. Ann met Bob in Rome."
GOLD: dict[str, GoldDocument] = {
    "d": {
        "id": "d",
        "text": TEXT,
        "sents": [(0, 20), (21, 40), (41, 61)],
        "mentions": [
            {"start": start, "end": start + len(name), "cluster": cluster}
            for cluster, (start, name) in enumerate([(0, "Ann"), (16, "Ulm"), (21, "Bob"), (56, "Rome")])
        ],
        "relations": [
            {"head": 0, "tail": 1, "pid": "P19", "evidence": [0]},
            {"head": 2, "tail": 1, "pid": "P19", "evidence": [0, 1]},
            {"head": 0, "tail": 3, "pid": "P551", "evidence": []},
        ],
    }
}
LINES: dict[str, Prediction] = {
    "d": {
        "id": "d",
        "nodes": [
            {"id": name, "mentions": [{"start": TEXT.index(name), "end": TEXT.index(name) + len(name)}]}
            for name in ("Ann", "Ulm", "Bob", "Rome")
        ],
        "edges": [],
    }
}


def relation(head: str, tail: str, pid: str | None, confidence: float, first: int, *further: int) -> Relation:
    spans = [Span(*GOLD["d"]["sents"][number]) for number in (first, *further)]
    name = "born" if pid == "P19" else "met"
    return Relation("d", "c", head, tail, name, pid, confidence, spans[0], "x", further_evidence=tuple(spans[1:]))


FOUND = stated(
    GOLD,
    LINES,
    [
        relation("Ann", "Ulm", "P19", 0.9, 0, 2),
        relation("Bob", "Ulm", "P19", 0.7, 2),
        relation("Bob", "Rome", "P19", 0.8, 2),
        relation("Ann", "Bob", None, 0.6, 2),
        relation("Ann", "Ulm", "P19", 0.5, 1),
    ],
)


def test_a_statement_counts_once_with_its_highest_confidence() -> None:
    assert [(one.relation.confidence, one.right) for one in FOUND] == [
        (0.9, True),
        (0.8, False),
        (0.7, True),
        (0.6, False),
    ]


def test_each_property_that_is_labelled_or_stated() -> None:
    counts = {name: (f["tp"], f["fp"], f["fn"]) for name, f in by_property(GOLD, FOUND).items()}
    assert counts == {"P19": (2, 1, 0), "P551": (0, 0, 1), "met": (0, 1, 0)}


def test_evidence_of_right_statements() -> None:
    figures = evidence(GOLD, FOUND)
    assert (figures["statements"], figures["first sentence right"]) == (2, 0.5)
    assert {name: figures["sentences"][name] for name in ("tp", "fp", "fn")} == {"tp": 1, "fp": 2, "fn": 2}


def test_no_figure_of_evidence_where_gold_has_none() -> None:
    gold = GOLD["d"].copy()
    del gold["sents"]
    assert evidence({"d": gold}, FOUND) == {}
