"""The line format of ``aegis extract``: stable, and with everything that was found."""

import json

from aegis_pipeline.pipeline.predictions import prediction_lines
from aegis_pipeline_tests.pipeline.records import EXTRACTION


def test_predictions_line_is_the_documented_format() -> None:
    first, second = prediction_lines(EXTRACTION)
    assert json.loads(json.dumps(first)) == {
        "id": "d1",
        "nodes": [
            {
                "id": "ent-ada",
                "name": "Ada",
                "type": "person",
                "aliases": ["Ada Lovelace"],
                "mentions": [{"start": 0, "end": 3, "label": "PERSON"}],
            },
            {
                "id": "ent-bob",
                "name": "Bob",
                "type": "person",
                "aliases": [],
                "mentions": [{"start": 10, "end": 13, "label": "PERSON"}],
            },
            {
                "id": "ent-1843",
                "name": "1843",
                "type": "number",
                "aliases": [],
                "mentions": [{"start": 17, "end": 21, "label": "CARDINAL"}],
            },
        ],
        "edges": [
            {
                "head": "ent-bob",
                "tail": "ent-ada",
                "predicate": "employer",
                "pid": "P108",
                "confidence": 0.1235,
                "evidence": {"start": 0, "end": 22},
                "further_evidence": [],
            }
        ],
    }
    assert second == {"id": "d2", "nodes": [], "edges": []}
