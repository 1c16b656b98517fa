"""Everything that the graph is made of: the contributions of all batches, and what follows from them together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from aegis_pipeline.errors import GraphError, InputError
from aegis_pipeline.graph.contributions import BatchContribution, DocumentContribution, Naming
from aegis_pipeline.graph.identity import final_keys


@dataclass(frozen=True, slots=True)
class Difference:
    """What a contribution changes in its batch, as document ids."""

    added: frozenset[str]
    changed: frozenset[str]
    removed: frozenset[str]
    unchanged: frozenset[str]


@dataclass(frozen=True, slots=True)
class BatchChange:
    """A corpus in which one batch is other than before, and in which documents; ``is_final`` when it takes back a
    write, and is not to be taken back itself."""

    batch: str
    after: "Corpus"
    difference: Difference
    is_final: bool = False


@dataclass(frozen=True)
class Corpus:
    """Batch → its contribution. The graph is a function of this and of nothing else."""

    batches: Mapping[str, BatchContribution] = field(default_factory=dict)

    @cached_property
    def documents(self) -> dict[str, DocumentContribution]:
        """Document id → its contribution."""
        return {document.document_id: document for batch in self.batches.values() for document in batch.documents}

    @cached_property
    def things(self) -> dict[str, set[str]]:
        """Document id → what it speaks of."""
        return {document_id: document.things for document_id, document in self.documents.items()}

    @cached_property
    def keys(self) -> dict[str, str]:
        """Thing → key of its node."""
        batches = self.batches.values()
        return final_keys([[self.things[document.document_id] for document in batch.documents] for batch in batches])

    def names(self, keys: Collection[str]) -> dict[str, list[Naming]]:
        """Key → what each batch calls it, for ``keys``."""
        found = defaultdict(list)
        for batch in self.batches.values():
            for thing, naming in batch.names.items():
                if thing in self.keys and self.keys[thing] in keys:
                    found[self.keys[thing]].append(naming)
        return found

    def share(self, batch: str) -> BatchContribution:
        """What ``batch`` contributes; nothing where it is not there."""
        return self.batches.get(batch, BatchContribution(batch, (), {}))

    def require(self, batch: str) -> BatchContribution:
        """What ``batch`` contributes.

        Raises:
            InputError: there is no such batch; the message names those that there are.
        """
        if batch not in self.batches:
            present = ", ".join(sorted(self.batches)) or "none"
            raise InputError(f"There is no batch {batch!r} in the graph; there are: {present}.")
        return self.batches[batch]

    def change(self, contribution: BatchContribution, *, keep_others: bool = False) -> BatchChange:
        """What writing ``contribution`` makes of this corpus: see ``with_batch``.

        Documents that are as before are the same objects in both, so that comparing them again costs nothing.
        """
        old = {document.document_id: document for document in self.share(contribution.batch).documents}
        same = (old[d.document_id] if d == old.get(d.document_id) else d for d in contribution.documents)
        contribution = replace(contribution, documents=tuple(same))
        after = self.with_batch(contribution, keep_others=keep_others)
        return BatchChange(contribution.batch, after, self.difference(contribution, keep_others=keep_others))

    def unchanged(self, by: str) -> BatchChange:
        """What ``by``, which is no batch, does when it leaves every contribution as it is."""
        return self.replaced(by, ())

    def replaced(self, by: str, contributions: Sequence[BatchContribution]) -> BatchChange:
        """What ``by``, which is no batch, does when it writes ``contributions`` all at once; it cannot be taken back.

        Raises:
            GraphError: a document is of two batches.
        """
        after, parts = self, [self.difference(contribution) for contribution in contributions]
        for contribution in contributions:
            after = after.with_batch(contribution)
        united = (frozenset[str]().union(*(getattr(part, f.name) for part in parts)) for f in fields(Difference))
        return BatchChange(by, after, Difference(*united), is_final=True)

    def with_batch(self, contribution: BatchContribution, *, keep_others: bool = False) -> "Corpus":
        """This corpus with ``contribution`` for its batch; with ``keep_others`` beside the batch's other documents.

        Raises:
            GraphError: a document is in the graph already, of another batch.
        """
        _check_ids(self, contribution)
        others = {name: batch for name, batch in self.batches.items() if name != contribution.batch}
        if keep_others and contribution.batch in self.batches:
            contribution = _united(self.batches[contribution.batch], contribution)
        return Corpus({**others, contribution.batch: contribution} if contribution.documents else others)

    def difference(self, contribution: BatchContribution, *, keep_others: bool = False) -> Difference:
        """What ``with_batch`` changes in the batch."""
        old = {document.document_id: document for document in self.share(contribution.batch).documents}
        new = {document.document_id: document for document in contribution.documents}
        unchanged = {document_id for document_id, document in new.items() if old.get(document_id) == document}
        return Difference(
            added=frozenset(new.keys() - old.keys()),
            changed=frozenset((new.keys() & old.keys()) - unchanged),
            removed=frozenset() if keep_others else frozenset(old.keys() - new.keys()),
            unchanged=frozenset(unchanged),
        )


def _check_ids(corpus: Corpus, contribution: BatchContribution) -> None:
    ids = {document.document_id for document in contribution.documents}
    for name, batch in corpus.batches.items():
        shared = ids & {document.document_id for document in batch.documents}
        if shared and name != contribution.batch:
            raise GraphError(
                f"Document {min(shared)} of batch {contribution.batch!r} is in the graph already, of batch {name!r}: "
                "ids must be unique over all batches."
            )


def _united(before: BatchContribution, new: BatchContribution) -> BatchContribution:
    """The documents of both, the new in the place of the old; the names that they use, with the aliases of both."""
    documents = {document.document_id: document for batch in (before, new) for document in batch.documents}
    used = {thing for document in documents.values() for thing in document.things}
    names = {thing: naming for thing, naming in before.names.items() if thing in used}
    for thing, naming in new.names.items():
        aliases = {*naming.aliases, *(names[thing].aliases if thing in names else ())}
        names[thing] = naming._replace(aliases=tuple(sorted(aliases)))
    return replace(new, documents=tuple(documents[key] for key in sorted(documents)), names=dict(sorted(names.items())))
