"""Our figures beside those of the reference scorer, on labelled data with noisy predictions."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from aegis_pipeline.benchmarks.scoring import score_files

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
REFERENCE = SHARED / "tools" / "score.py"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not REFERENCE.is_file(), reason="the labelled data is not beside the checkout"),
]

LABELS = {"PER": "PERSON", "LOC": "GPE", "TIME": "DATE", "NUM": "ORDINAL", "MISC": "EVENT"}


def noisy(document: dict, rng: random.Random) -> dict:
    """A prediction made from gold: spans dropped and shifted, clusters merged and split, wrong and null properties."""
    nodes: dict[str, dict] = {}
    node_of = {}
    for mention in document["mentions"]:
        cluster = mention.get("kb") if "relations" not in document else mention["cluster"]
        if rng.random() < 0.15 or cluster is None:
            continue
        key = str(cluster if rng.random() < 0.9 else rng.randrange(4))
        node_of.setdefault(cluster, key)
        node = nodes.setdefault(key, {"id": key, "type": "organization", "mentions": []})
        found = {
            "start": max(0, mention["start"] - rng.choice([0, 0, 0, 4])),
            "end": mention["end"] + rng.choice([0, 0, 1, 2]),
        }
        if rng.random() < 0.9:
            found["label"] = LABELS.get(mention.get("type"), "ORG") if rng.random() < 0.9 else "PRODUCT"
        node["mentions"].append(found)
    return {"id": document["id"], "nodes": list(nodes.values()), "edges": noisy_edges(document, node_of, rng)}


def noisy_edges(document: dict, node_of: dict, rng: random.Random) -> list[dict]:
    edges = []
    for relation in document.get("relations", []):
        if rng.random() < 0.3:
            continue
        head, tail = (node_of.get(relation[end], "lost") for end in ("head", "tail"))
        pid = rng.choice([relation["pid"]] * 4 + [None, "P17"])
        edges.append({"head": head, "tail": tail, "pid": pid, "confidence": round(rng.random(), 3)})
        if rng.random() < 0.1:
            edges.append({"head": tail, "tail": head, "pid": relation["pid"]})
    return edges


@pytest.mark.parametrize(
    ("name", "documents"),
    [("redocred_dev", None), ("redocred_dev", "400-499"), ("xdoc_docred_qcode", None), ("xdoc_gum_free_train", None)],
)
def test_figures_equal_the_reference(tmp_path, name, documents):
    gold, pred = SHARED / "data" / f"{name}.jsonl", tmp_path / "pred.jsonl"
    rng = random.Random(7)
    lines = [json.dumps(noisy(json.loads(line), rng)) for line in gold.read_text(encoding="utf-8").splitlines()]
    pred.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, str(REFERENCE), str(gold), str(pred), *(["--documents", documents] if documents else [])]
    expected = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert score_files(gold, pred, documents) == expected
    assert expected["ner_span"]["tp"]
    assert expected["ner_span"]["fp"]
