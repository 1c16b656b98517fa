"""Reading labelled documents and predictions from JSONL files."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from aegis_pipeline.benchmarks.scoring.formats import GoldDocument, Prediction
from aegis_pipeline.benchmarks.scoring.scorer import score
from aegis_pipeline.errors import InputError

_GOLD = TypeAdapter(GoldDocument)
_PREDICTION = TypeAdapter(Prediction)
_GOLD_HELP = 'A gold line is {"id", "text", "mentions": [{"start", "end", …}]} and may have "relations"'
_PREDICTION_HELP = (
    'A prediction is {"id", "nodes": [{"id", "mentions"}], "edges": [{"head", "tail"}]}: see aegis extract'
)

T = TypeVar("T", GoldDocument, Prediction)


def load(path: str | Path, documents: str | None = None) -> dict[str, GoldDocument]:
    """Labelled documents by id, in the file's order.

    Args:
        path: a JSONL file.
        documents: ``FROM-TO``, the lines to keep: counted from 0, both ends included.

    Raises:
        InputError: the file or the range cannot be read; names the file, the line and what is valid.
    """
    gold = _load(path, _GOLD, _GOLD_HELP)
    if documents is None:
        return gold
    first, last = _line_range(documents)
    return {key: document for n, (key, document) in enumerate(gold.items()) if first <= n <= last}


def load_predictions(path: str | Path) -> dict[str, Prediction]:
    """Predictions by document id, in the file's order.

    Raises:
        InputError: the file cannot be read; names the file, the line and what is valid.
    """
    return _load(path, _PREDICTION, _PREDICTION_HELP)


def score_files(gold_path: str | Path, pred_path: str | Path, documents: str | None = None) -> dict[str, Any]:
    """Scores a file of predictions against a file of labelled documents: what ``aegis score`` prints.

    Raises:
        InputError: a file cannot be read, or the two have no document in common.
    """
    gold, pred = load(gold_path, documents), load_predictions(pred_path)
    if not gold.keys() & pred.keys():
        raise InputError(
            f"{pred_path} has no document of {gold_path}: it has ids like {_example(pred)}, not like {_example(gold)}. "
            'Extract from a JSONL file whose "id" and "text" are those of the gold file.'
        )
    return score(gold, pred)


def _load(path: str | Path, form: TypeAdapter[T], valid: str) -> dict[str, T]:
    """Every line of a file, checked; ids must be unique."""
    found: dict[str, T] = {}
    for n, line in enumerate(_lines(path), 1):
        try:
            document = form.validate_json(line)
        except ValidationError as error:
            raise InputError(f"{path}, line {n}: {_first_fault(error)}. {valid}.") from None
        if document["id"] in found:
            raise InputError(
                f"{path}, line {n}: the id {document['id']!r} stands in an earlier line; keep one of them."
            )
        found[document["id"]] = document
    return found


def _lines(path: str | Path) -> list[str]:
    """The lines of a file in UTF-8, split at line feeds only: JSON may hold other separators."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}. Name a JSONL file in UTF-8, one document a line.") from None
    return text.removesuffix("\n").split("\n")


def _first_fault(error: ValidationError) -> str:
    """Where the first fault of a line is and what it is."""
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def _line_range(documents: str) -> tuple[int, int]:
    """``FROM-TO`` as two numbers."""
    first, _, last = documents.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise InputError(f"documents {documents!r} is no range: give FROM-TO, for example 0-299, both ends included.")
    return int(first), int(last)


def _example(found: dict[str, T]) -> str:
    """One id, for a message."""
    return repr(next(iter(found), "(none)"))
