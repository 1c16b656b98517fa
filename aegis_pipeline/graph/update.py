"""What has to change in a graph that holds one corpus, for it to hold another: rows to remove and rows to write.

Only what the two corpora may differ in is looked at: the documents that changed, those whose things got other keys, and
the nodes and edges of both.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.document_rows import document_rows, pairs_of
from aegis_pipeline.graph.identity import moved
from aegis_pipeline.graph.rows import EDGES, NODES, CountTokens, Row, Rows, Scope, describer, graph_rows

RowIds = Mapping[str, Collection[Any]]  # store → ids of its rows


@dataclass(frozen=True, slots=True)
class Update:
    """Store → id → row, ``before`` and ``after``, of everything that may differ.

    Of a row in ``unsure`` nobody knows what the store has: a write of it did not come to its end, or it was lost.
    """

    before: Rows
    after: Rows
    unsure: RowIds = field(default_factory=dict)

    def removed(self, store: str) -> list[Any]:
        """The ids that the store has to lose."""
        known = dict.fromkeys([*self.before.get(store, ()), *self.unsure.get(store, ())])
        return [row_id for row_id in known if row_id not in self.after.get(store, {})]

    def written(self, store: str) -> dict[Any, Row]:
        """The rows that are new in the store, or other than before."""
        before, unsure = self.before.get(store, {}), self.unsure.get(store, ())
        rows = self.after.get(store, {}).items()
        return {row_id: row for row_id, row in rows if row_id in unsure or before.get(row_id) != row}

    @property
    def touched(self) -> dict[str, list[Any]]:
        """The ids of all rows that are removed or written, and of every document that has one of them: where a later
        plan is unsure of a row, it needs the document to know whether the row belongs there."""
        stores = sorted({*self.before, *self.after, *self.unsure})
        found = {store: [*self.removed(store), *self.written(store)] for store in stores}
        found["full_docs"] = sorted(union(self.before, self.after, self.unsure).get("full_docs", ()))
        return {store: ids for store, ids in found.items() if ids}


def union(*parts: RowIds) -> dict[str, set[Any]]:
    """The ids that are in any of ``parts``."""
    stores = {store for part in parts for store in part}
    return {store: {row_id for part in parts for row_id in part.get(store, ())} for store in stores}


def plan(
    before: Corpus, after: Corpus, count_tokens: CountTokens, max_tokens: int, unsure: RowIds | None = None
) -> Update:
    """The update that leads from ``before`` to ``after``; ``max_tokens`` is what the encoder reads of a text.

    The rows in ``unsure`` are removed or written whatever the corpora say.
    """
    unsure = unsure or {}
    scope, describe = _with(scope_of(before, after), unsure), describer(count_tokens, max_tokens)
    rows = []
    for corpus in (before, after):
        found: Rows = defaultdict(dict, graph_rows(corpus, scope, describe))
        for document_id in sorted(scope.documents & corpus.documents.keys()):
            for store, own in document_rows(corpus.documents[document_id], corpus.keys, count_tokens).items():
                found[store].update(own)
        rows.append(found)
    return Update(rows[0], rows[1], unsure)


def rows_of(corpus: Corpus) -> RowIds:
    """The ids of all rows that a graph of ``corpus`` has."""
    return plan(Corpus(), corpus, len, 0).after  # ids do not depend on how long a text is


def rows_of_batch(corpus: Corpus, batch: str) -> RowIds:
    """The ids of all rows that ``batch`` has a share in, and of all edges at its nodes: these go with a lost node."""
    others = Corpus({name: other for name, other in corpus.batches.items() if name != batch})
    update = plan(others, corpus, len, 0)  # ids do not depend on how long a text is
    found = union(update.before, update.after)
    keys = found.get(NODES, set())
    pairs = {pair for document in corpus.documents.values() for pair in pairs_of(document, corpus.keys)}
    return union(found, {EDGES: {pair for pair in pairs if not keys.isdisjoint(pair)}})


def _with(scope: Scope, ids: RowIds) -> Scope:
    def united(part: Iterable[Any], store: str) -> frozenset[Any]:
        return frozenset(part) | frozenset(ids.get(store, ()))

    return Scope(united(scope.documents, "full_docs"), united(scope.keys, NODES), united(scope.pairs, EDGES))


def scope_of(before: Corpus, after: Corpus) -> Scope:
    """The documents, nodes and edges that may differ."""
    documents = _changed(before, after) | _renamed(before, after)
    keys, pairs = _keys_of_changed_names(before, after), set()
    for corpus in (before, after):
        for document_id in documents & corpus.documents.keys():
            keys |= {corpus.keys[thing] for thing in corpus.things[document_id]}
            pairs |= pairs_of(corpus.documents[document_id], corpus.keys)
    return Scope(frozenset(documents), frozenset(keys), frozenset(pairs))


def _changed(before: Corpus, after: Corpus) -> set[str]:
    ids = before.documents.keys() | after.documents.keys()
    return {document_id for document_id in ids if before.documents.get(document_id) != after.documents.get(document_id)}


def _renamed(before: Corpus, after: Corpus) -> set[str]:
    """The documents, of any batch, that speak of a thing whose key is another now."""
    things = moved(before.keys, after.keys)
    return {document_id for document_id, named in after.things.items() if named & things} if things else set()


def _keys_of_changed_names(before: Corpus, after: Corpus) -> set[str]:
    found = set()
    for batch in before.batches.keys() | after.batches.keys():
        old = before.batches[batch].names if batch in before.batches else {}
        new = after.batches[batch].names if batch in after.batches else {}
        changed = {thing for thing in old.keys() | new.keys() if old.get(thing) != new.get(thing)}
        found |= {corpus.keys[thing] for corpus in (before, after) for thing in changed if thing in corpus.keys}
    return found
