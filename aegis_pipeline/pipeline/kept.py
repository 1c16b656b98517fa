"""What a phase made of a document is kept in the lake for as long as what it was made from stays the same.

A fingerprint is a hash of everything that a phase reads of one document, and of whatever reads it. A phase's rows for
a document hold while the fingerprint that lies beside them is the one it would have today.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aegis_pipeline import tables
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.records import Fingerprint, Outcome, PhaseOutcome
from aegis_pipeline.tables import Table

_UNSETTLED = {Outcome.DEGRADED, Outcome.UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class KeptPhase:
    """A phase whose rows are kept document by document: its tables, and the one with their fingerprints."""

    tables: tuple[Table[Any], ...]
    fingerprints: Table[Fingerprint]


CHUNKING = KeptPhase((tables.CHUNKS,), tables.CHUNK_FINGERPRINTS)
MENTIONS = KeptPhase((tables.MENTIONS, tables.NER_OUTCOMES), tables.NER_FINGERPRINTS)
RELATIONS = KeptPhase((tables.RELATIONS, tables.RELATION_OUTCOMES, tables.DEAD_LETTERS), tables.RELATION_FINGERPRINTS)


def digest(*parts: Any) -> str:
    """A hash of plain values (texts, numbers, lists of them)."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


def fingerprints(lake: DocumentLake, batch: str, phase: KeptPhase) -> dict[str, str]:
    """Document id → fingerprint of what ``phase`` has made and may keep.

    Raises:
        LakeError: the phase has not run for this batch.
    """
    return {made.document_id: made.digest for made in lake.read(batch, phase.fingerprints)}


def unsettled(outcomes: Iterable[PhaseOutcome]) -> set[str]:
    """The documents that a phase is to try again although nothing changed: what it lacked may be there by then."""
    return {outcome.document_id for outcome in outcomes if outcome.outcome in _UNSETTLED}


@dataclass(frozen=True, slots=True)
class PhaseUpdate:
    """One phase of a batch, document by document: which documents' rows hold, and which are ``outdated``.

    ``wanted`` has the fingerprint of every document of the batch, in order; None where its rows are never kept.
    ``found`` is what lies in the lake; None where that is not all of the phase's tables.
    """

    lake: DocumentLake
    batch: str
    phase: KeptPhase
    wanted: Mapping[str, str | None]
    found: Mapping[str, str] | None

    @classmethod
    def of(cls, lake: DocumentLake, batch: str, phase: KeptPhase, wanted: Mapping[str, str | None]) -> "PhaseUpdate":
        """What is to be done so that the tables of ``phase`` have the rows of ``wanted``."""
        complete = all(lake.has(batch, table) for table in (*phase.tables, phase.fingerprints))
        return cls(lake, batch, phase, wanted, fingerprints(lake, batch, phase) if complete else None)

    @property
    def kept(self) -> list[str]:
        """Documents whose rows hold, in order."""
        found = self.found or {}
        return [document for document, made in self.wanted.items() if made and found.get(document) == made]

    @property
    def outdated(self) -> list[str]:
        """Documents whose rows are to be made, in order."""
        kept = set(self.kept)
        return [document for document in self.wanted if document not in kept]

    def write(self, rows: Sequence[Sequence[Any]], unsettled: Collection[str] = ()) -> None:
        """Write each table's new rows beside those that hold; ``unsettled`` documents are outdated the next time too.

        Before that only the fingerprints of rows that stay are left, so that a killed write costs what it was about to
        write, and nothing is taken for what it is not.
        """
        kept = self.kept
        if self.found is not None and len(kept) == len(self.wanted) == len(self.found):
            return
        self._remember(kept)
        for table, new in zip(self.phase.tables, rows, strict=True):
            self.lake.rewrite(self.batch, table, new, kept=kept, order=list(self.wanted))
        self._remember(document for document in self.wanted if document not in unsettled)

    def _remember(self, documents: Iterable[str]) -> None:
        made = ((document, self.wanted[document]) for document in documents)
        records = [Fingerprint(document, fingerprint) for document, fingerprint in made if fingerprint]
        self.lake.write(self.batch, self.phase.fingerprints, records)
