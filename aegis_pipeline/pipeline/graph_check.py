"""The gate behind the graph, for every store: what was written is read back, and put back where some of it is lost."""

from dataclasses import replace

from aegis_pipeline.gates import Verdict, graph_counts_match
from aegis_pipeline.graph import BatchContribution, GraphStore, expected_counts


def check_graph(store: GraphStore, contribution: BatchContribution) -> Verdict:
    """Compare what ``store`` holds of ``contribution`` with what it should; where that differs, put back what the batch
    contributed before, so that nobody is answered from half a batch."""
    verdict = graph_counts_match(expected_counts(contribution), store.counts(contribution))
    if verdict.passed:
        return verdict
    store.restore(contribution.batch)
    said = f"{verdict.description} What the batch contributed before this run was put back."
    return replace(verdict, description=said)
