"""What has to change in a graph that holds one corpus, for it to hold another: rows to remove and rows to write.

Only what the two corpora may differ in is looked at: the documents that changed, those whose things got other keys, and
the nodes and edges of both.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from aegis_pipeline.graph.corpus import Corpus
from aegis_pipeline.graph.document_rows import document_rows, pairs_of
from aegis_pipeline.graph.identity import moved
from aegis_pipeline.graph.rows import CountTokens, Row, Rows, Scope, describer, graph_rows


@dataclass(frozen=True, slots=True)
class Update:
    """Store → id → row, ``before`` and ``after``, of everything that may differ."""

    before: Rows
    after: Rows

    def removed(self, store: str) -> list[Any]:
        """The ids that the store has to lose."""
        return [row_id for row_id in self.before.get(store, {}) if row_id not in self.after.get(store, {})]

    def written(self, store: str) -> dict[Any, Row]:
        """The rows that are new in the store, or other than before."""
        before = self.before.get(store, {})
        return {row_id: row for row_id, row in self.after.get(store, {}).items() if before.get(row_id) != row}


def plan(before: Corpus, after: Corpus, count_tokens: CountTokens, max_tokens: int) -> Update:
    """The update that leads from ``before`` to ``after``; ``max_tokens`` is what the encoder reads of a text."""
    scope, describe = scope_of(before, after), describer(count_tokens, max_tokens)
    rows = []
    for corpus in (before, after):
        found: Rows = defaultdict(dict, graph_rows(corpus, scope, describe))
        for document_id in sorted(scope.documents & corpus.documents.keys()):
            for store, own in document_rows(corpus.documents[document_id], corpus.keys, count_tokens).items():
                found[store].update(own)
        rows.append(found)
    return Update(*rows)


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
