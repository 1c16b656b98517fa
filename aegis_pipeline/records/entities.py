"""Phase 2: entities, and why names are one."""

from dataclasses import dataclass

from aegis_pipeline.records.mentions import Mention
from aegis_pipeline.records.outcomes import PhaseOutcome


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing: its canonical name, every other name, and the mentions that refer to it.

    ``key`` is the graph's key: the name itself, or the name with a suffix where another thing has that name.
    """

    id: str
    key: str
    name: str
    type: str
    aliases: tuple[str, ...]
    mentions: tuple[Mention, ...]
    is_node: bool = True


@dataclass(frozen=True, slots=True)
class MergeDecision:
    """Why two names are (or are not) one entity. ``score`` is in [0, 1]; ``evidence`` says what was compared."""

    entity_id: str
    name: str
    alias: str
    type: str
    accepted: bool
    reason: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class NameVector:
    """A distinct name and what ``encoder`` (its digest) makes of it: float32 in little-endian bytes, of length 1."""

    name: str
    encoder: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class EntityResult:
    """Phase 2: entities over a whole batch, the log of what was merged, the names in the user's overrides that the
    batch does not have, and an outcome for every document whose names could not be linked."""

    entities: tuple[Entity, ...]
    merges: tuple[MergeDecision, ...]
    unmatched: tuple[str, ...] = ()
    outcomes: tuple[PhaseOutcome, ...] = ()
