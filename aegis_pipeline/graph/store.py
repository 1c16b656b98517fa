"""The interface of a graph store, and the plain results that it gives."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Protocol

from aegis_pipeline.graph.audit.faults import GraphFaults
from aegis_pipeline.graph.changes import GraphChanges
from aegis_pipeline.graph.contributions import BatchContribution
from aegis_pipeline.graph.corpus import Corpus, Difference


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """What a store holds of what one batch should have contributed, read back from it.

    ``provenance`` are the links from entities and edges to the chunks that speak of them.
    """

    documents: int = 0
    chunks: int = 0
    entities: int = 0
    edges: int = 0
    statements: int = 0
    provenance: int = 0

    def with_difference(self, more: "GraphCounts") -> "GraphCounts":
        """Each count with ``more`` (less, where negative), never below 0."""
        return GraphCounts(*(max(0, one + add) for one, add in zip(astuple(self), astuple(more), strict=True)))


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What writing a batch did: to the documents that it named, and to the whole graph; and where the graph is."""

    difference: Difference
    changes: GraphChanges
    location: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole graph in plain values, for export and for comparison."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    edges: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


class Retriever(Protocol):
    """What answers questions: a store of ours, or of LightRAG's own extraction."""

    def retrieve(self, question: str, mode: str, high: list[str], low: list[str], top_k: int) -> dict[str, Any]:
        """LightRAG's retrieval for ``question`` in ``mode``, without any LLM: entities, relationships, chunks."""


class GraphStore(Retriever, Protocol):
    """A graph that batches of documents are written to and that is read back."""

    def write(self, contribution: BatchContribution, *, keep_others: bool = False) -> WriteReport:
        """Make the graph hold exactly ``contribution`` of its batch. Twice is the same as once.

        With ``keep_others``, documents of the batch that ``contribution`` does not name stay.

        Raises:
            GraphError: the store refused a document, or holds something else than was written.
        """

    def remove(self, batch: str) -> WriteReport:
        """Take a whole batch out of the graph.

        Raises:
            InputError: the graph has no such batch.
        """

    def restore(self, batch: str) -> WriteReport:
        """Put back what ``batch`` contributed before its last write, whatever of it the store has lost.

        Every row that the batch has a share in is written, or removed, whether it seems to be there or not.

        Raises:
            InputError: the graph has no such batch, and never had.
        """

    def corpus(self) -> Corpus:
        """What the graph was made from: the contribution of every batch.

        Raises:
            GraphError: the graph is not of this version.
        """

    def faults(self) -> GraphFaults:
        """Every row that is not as ``corpus`` makes it, and what killed writes have left; nothing is changed."""

    def mend(self) -> GraphFaults:
        """Write or remove every row that ``faults`` finds, and no other; those that were found."""

    def rebuild(self, contributions: Sequence[BatchContribution]) -> WriteReport:
        """Write every row anew, with ``contributions`` for their batches, in one write: until it is whole, readers see
        the graph as it was. Batches that are not among them stay as they are.

        Raises:
            GraphError: as ``write``.
        """

    def last_changes(self) -> GraphChanges | None:
        """What the last write changed; nothing before the first.

        Raises:
            GraphError: the graph does not tell.
        """

    def counts(self, contribution: BatchContribution) -> GraphCounts:
        """What of ``contribution`` is found in the store, read back from where it is kept."""

    def graph(self) -> Graph:
        """Everything in the graph."""

    def describe(self) -> str:
        """Where the graph is."""

    def close(self) -> None:
        """Let go of what is open. A store may be used again afterwards."""


def expected_counts(contribution: BatchContribution) -> GraphCounts:
    """What a store must hold of ``contribution``."""
    pairs = {pair for document in contribution.documents for pair in document.pairs}
    return GraphCounts(
        documents=len(contribution.documents),
        chunks=sum(len(document.chunks) for document in contribution.documents),
        entities=len(contribution.names),
        edges=len(pairs),
        statements=sum(len(document.statements) for document in contribution.documents),
        provenance=sum(len(said) for document in contribution.documents for said in document.links.values()),
    )
