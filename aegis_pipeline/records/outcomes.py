"""How phases end, and what is remembered of what they were made from."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one phase ended for one document: a failure is never an empty result."""

    OK = "ok"
    EMPTY = "empty"
    DEGRADED = "degraded"
    MALFORMED = "malformed"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many statements of a document were not kept, for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class PhaseOutcome:
    """How a phase ended for one document, why where it is not OK, and what phase 3 rejected."""

    document_id: str
    outcome: Outcome
    detail: str = ""
    rejected: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A hash of everything that a phase's result for one document was made from: while it is the same, so is that."""

    document_id: str
    digest: str
