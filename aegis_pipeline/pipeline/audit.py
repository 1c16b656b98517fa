"""The whole graph held against the lake: what differs is found, repaired where that can be done, and told.

The lake decides which batches there are. Whether a batch's tables are already to be in the graph is noted beside them:
a run that has not come to its end, or that a gate stopped, is none of the audit's business.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from upath import UPath

from aegis_pipeline.errors import InputError
from aegis_pipeline.events import Event
from aegis_pipeline.graph import GraphStore, expected_counts
from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import event_log
from aegis_pipeline.pipeline.batches import contribution_of, is_accepted
from aegis_pipeline.pipeline.graph_pipeline import LIBRARY_BATCH
from aegis_pipeline.relations import RelationSchema

_STAGED_SECONDS = 3600  # a write of a table takes seconds: what it staged an hour ago is nobody's any more
_log = event_log(__name__)


class Kind(StrEnum):
    """What was found. All but ``UNFINISHED_BATCH`` are faults."""

    MISSING_BATCH = "missing_batch"  # the lake has it, the graph has not
    OUTDATED_BATCH = "outdated_batch"  # the graph has something else of it
    ORPHANED_BATCH = "orphaned_batch"  # the graph has it, the lake has not
    UNREADABLE_BATCH = "unreadable_batch"  # of another relation schema: only a run of it helps
    UNFINISHED_BATCH = "unfinished_batch"  # its run has not come to its end, or a gate stopped it
    COUNTS_DIFFER = "counts_differ"  # read back, the graph has more or less of a batch than it should
    MISSING_ROWS = "missing_rows"
    ORPHANED_ROWS = "orphaned_rows"
    DANGLING_ROWS = "dangling_rows"  # they rest on a chunk that is not there
    DIFFERENT_ROWS = "different_rows"
    LEFTOVERS = "leftovers"  # of a killed write of the graph
    STAGED_FILES = "staged_files"  # of a killed write of the lake


@dataclass(frozen=True, slots=True)
class Finding:
    """How much of one kind there is, in which batch or in which store of the graph; empty where it is in none."""

    kind: Kind
    count: int
    batch: str = ""
    store: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the graph is not as it should be."""
        return self.kind is not Kind.UNFINISHED_BATCH


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found, and which faults are ``left``: all of them where nothing was to be repaired."""

    found: tuple[Finding, ...]
    left: tuple[Finding, ...]

    @property
    def counts(self) -> dict[Kind, int]:
        """How much was found of each kind, nothing included."""
        return {kind: sum(finding.count for finding in self.found if finding.kind is kind) for kind in Kind}


def audit_graph(lake: DocumentLake, store: GraphStore, schema: RelationSchema, *, repair: bool) -> AuditReport:
    """Find every fault; with ``repair``, mend what can be mended, and look again.

    Batches are written as the lake has them, or removed where it has none; rows as the batches make them. Nothing is
    removed because of a lake without any batch: rather it is not the right one.

    Raises:
        GraphError: the graph is not of this version, or refuses a row.
        ServiceUnavailableError: the graph's servers do not answer.
    """
    found = tuple(_find(lake, store, schema))
    left = tuple(finding for finding in found if finding.is_fault)
    for finding in found:
        _log.warning(
            Event.AUDIT_FOUND, kind=finding.kind.value, count=finding.count, batch=finding.batch, store=finding.store
        )
    if repair and left:
        _repair(found, lake, store, schema)
        left = tuple(finding for finding in _find(lake, store, schema) if finding.is_fault)
    _log.info(Event.AUDIT_ENDED, findings=len(found), left=len(left), repair=repair)
    return AuditReport(found, left)


def advice(left: Sequence[Finding]) -> str:
    """What an operator reads of faults that are left."""
    places = (finding.batch or finding.store for finding in left)
    listed = ", ".join(
        f"{f.kind} ({f.count}{f' in {place}' if place else ''})" for f, place in zip(left, places, strict=True)
    )
    return f"Not repaired: {listed}. docs/maintenance.md says what to do about each."


def _find(lake: DocumentLake, store: GraphStore, schema: RelationSchema) -> Iterator[Finding]:
    corpus, faults = store.corpus(), store.faults()
    yield from _in_batches(lake, corpus, schema)
    for (fault, kind), count in sorted(faults.counts.items()):
        yield Finding(Kind(f"{fault}_rows"), count, store=kind)
    for name, share in sorted(corpus.batches.items()):
        if store.counts(share) != expected_counts(share):
            yield Finding(Kind.COUNTS_DIFFER, 1, name)
    for kind, count in ((Kind.LEFTOVERS, faults.leftovers), (Kind.STAGED_FILES, len(_staged(lake)))):
        if count:
            yield Finding(kind, count)


def _in_batches(lake: DocumentLake, corpus: Corpus, schema: RelationSchema) -> Iterator[Finding]:
    batches = lake.batches()
    for batch in batches:
        if (kind := _kind_of(batch, lake, corpus, schema)) is not None:
            yield Finding(kind, 1, batch)
    for batch in sorted(corpus.batches.keys() - {*batches, LIBRARY_BATCH}):
        yield Finding(Kind.ORPHANED_BATCH, 1, batch)


def _kind_of(batch: str, lake: DocumentLake, corpus: Corpus, schema: RelationSchema) -> Kind | None:
    if not is_accepted(lake, batch):
        return Kind.UNFINISHED_BATCH
    try:
        contribution = contribution_of(lake, batch, schema)
    except InputError:
        return Kind.UNREADABLE_BATCH
    if contribution == corpus.share(batch):
        return None
    return Kind.OUTDATED_BATCH if batch in corpus.batches else Kind.MISSING_BATCH


def _repair(found: tuple[Finding, ...], lake: DocumentLake, store: GraphStore, schema: RelationSchema) -> None:
    store.mend()
    for finding in found:
        wanted = finding.kind in {Kind.MISSING_BATCH, Kind.OUTDATED_BATCH}
        if wanted and is_accepted(lake, finding.batch):  # a run of it may have begun in between
            store.write(contribution_of(lake, finding.batch, schema))
        elif finding.kind is Kind.ORPHANED_BATCH and lake.batches():
            store.remove(finding.batch)
    for path in _staged(lake):
        path.unlink(missing_ok=True)


def _staged(lake: DocumentLake) -> list[UPath]:
    return lake.staged(older_than=time.time() - _STAGED_SECONDS)
