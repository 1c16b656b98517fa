"""What the graph holds of each batch: a digest a document, and its share of names. Kept beside the graph's files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter

from aegis_pipeline.errors import GraphError
from aegis_pipeline.graph.contributions import BatchContribution, Naming

_FILE = "aegis_ledger.json"
Names = dict[str, Naming]


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One batch in the graph: document id → digest, graph key → what the batch calls it."""

    documents: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=dict)

    @classmethod
    def of(cls, contribution: BatchContribution) -> "BatchEntry":
        """The entry of a batch that has been written."""
        documents = {document.document_id: document.digest for document in contribution.documents}
        return cls(documents, dict(contribution.names))


Ledger = dict[str, BatchEntry]
_LEDGER = TypeAdapter(Ledger)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a batch changes in the graph, as document ids; ``names`` says whether any name or alias changed."""

    added: frozenset[str]
    changed: frozenset[str]
    removed: frozenset[str]
    unchanged: frozenset[str]
    names: bool

    @property
    def is_empty(self) -> bool:
        """True where writing would change nothing."""
        return not (self.added or self.changed or self.removed or self.names)


def compare(before: BatchEntry, after: BatchEntry) -> Difference:
    """The difference that leads from ``before`` to ``after``."""
    both = before.documents.keys() & after.documents.keys()
    unchanged = {document for document in both if before.documents[document] == after.documents[document]}
    return Difference(
        added=frozenset(after.documents.keys() - both),
        changed=frozenset(both - unchanged),
        removed=frozenset(before.documents.keys() - both),
        unchanged=frozenset(unchanged),
        names=before.names != after.names,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What a write has to do: from the batch's entry ``before`` to ``contribution``, and the ledger that then holds."""

    before: BatchEntry
    contribution: BatchContribution
    difference: Difference
    ledger_after: Ledger

    @property
    def stale(self) -> frozenset[str]:
        """The documents whose share in the graph has to go."""
        return self.difference.changed | self.difference.removed

    @classmethod
    def of(cls, ledger: Ledger, contribution: BatchContribution, *, keep_others: bool) -> "Change":
        """The change to the graph of ``ledger``; with ``keep_others``, documents not named stay in the batch.

        Raises:
            GraphError: a document is in the graph already, of another batch.
        """
        _check_ids(ledger, contribution)
        before = ledger.get(contribution.batch, BatchEntry())
        if keep_others:
            contribution = replace(contribution, names=_united(before.names, contribution.names))
        after = BatchEntry.of(contribution)
        difference = compare(before, after)
        if keep_others:
            difference = replace(difference, removed=frozenset())
            after = replace(after, documents={**before.documents, **after.documents})
        return cls(before, contribution, difference, {**ledger, contribution.batch: after})


def _check_ids(ledger: Ledger, contribution: BatchContribution) -> None:
    for batch, entry in ledger.items():
        shared = entry.documents.keys() & {document.document_id for document in contribution.documents}
        if shared and batch != contribution.batch:
            raise GraphError(
                f"Document {min(shared)} of batch {contribution.batch!r} is in the graph already, of batch {batch!r}: "
                "ids must be unique over all batches."
            )


def _united(before: Names, new: Mapping[str, Naming]) -> Names:
    """The new names, with the aliases that were there before."""
    known = {key: naming.aliases for key, naming in before.items()}
    united = {key: n._replace(aliases=tuple(sorted({*n.aliases, *known.get(key, ())}))) for key, n in new.items()}
    return {**before, **united}


def read_ledger(folder: Path) -> Ledger:
    """Batch → entry; empty for a graph that nothing was written to."""
    path = folder / _FILE
    return _LEDGER.validate_json(path.read_bytes()) if path.exists() else {}


def write_ledger(folder: Path, ledger: Ledger) -> None:
    """Replace the ledger of the generation in ``folder``."""
    (folder / _FILE).write_bytes(_LEDGER.dump_json(dict(sorted(ledger.items()))))
