"""What went wrong in a phase, by type and severity: few values, for metrics to be labelled with."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from aegis_pipeline.records import DeadLetter, ManifestRow, Outcome, PhaseOutcome


class Severity(StrEnum):
    """How much an error costs."""

    WARNING = "warning"
    """A document is read, in a lesser way than asked for."""
    ERROR = "error"
    """A file, a document or a chunk of it is lost to the phase."""
    CRITICAL = "critical"
    """The whole batch failed: no asset of it is materialized, and the run's failure says so (``docs/logs.md``)."""


class ErrorType(StrEnum):
    """Every type of error that is counted. A new fault, outcome or parse failure needs a member here."""

    # how files cannot be read (DocumentStatus)
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    UNDECODABLE = "undecodable"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    UNREADABLE = "unreadable"
    # how phases end for documents (Outcome)
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"
    # how calls of an LLM fail (Fault)
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    CUT = "cut"
    MISSING_MODEL = "missing_model"
    DENIED = "denied"
    GIVEN_UP = "given_up"
    # more than one of these
    MALFORMED = "malformed"
    REFUSED = "refused"
    # how the legacy arm ends for documents
    EXTRACTION_FAILED = "extraction_failed"


ErrorCounts = Counter[tuple[ErrorType, Severity]]
_FINE = {Outcome.OK, Outcome.EMPTY}


def errors_of_files(manifest: Sequence[ManifestRow]) -> ErrorCounts:
    """An error for each file that should have been read and was not."""
    failed = (row.status.value for row in manifest if row.status.is_parse_failure)
    return Counter((ErrorType(status), Severity.ERROR) for status in failed)


def errors_of_phase(outcomes: Sequence[PhaseOutcome], dead_letters: Sequence[DeadLetter] = ()) -> ErrorCounts:
    """A warning for each degraded document, an error for each dead letter and for each document lost without one."""
    lettered = {letter.document_id for letter in dead_letters}
    counts: ErrorCounts = Counter((ErrorType(letter.reason), Severity.ERROR) for letter in dead_letters)
    for each in outcomes:
        if each.outcome is Outcome.DEGRADED:
            counts[ErrorType.DEGRADED, Severity.WARNING] += 1
        elif each.outcome not in _FINE and each.document_id not in lettered:
            counts[ErrorType(each.outcome.value), Severity.ERROR] += 1
    return counts


def errors_of_legacy(failed: int) -> ErrorCounts:
    """An error for each of ``failed`` documents that LightRAG's own extraction could not read."""
    return +Counter({(ErrorType.EXTRACTION_FAILED, Severity.ERROR): failed})
