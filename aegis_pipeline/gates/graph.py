"""Gates behind the graphs, ours and LightRAG's own: what is read back from them."""

from collections.abc import Collection, Mapping
from dataclasses import asdict

from aegis_pipeline.gates.verdict import Verdict
from aegis_pipeline.graph import GraphCounts


def graph_counts_match(expected: GraphCounts, found: GraphCounts) -> Verdict:
    """What is read back from the store is what the batch contributed."""
    wanted, got = asdict(expected), asdict(found)
    differences = [f"{got[name]} of {wanted[name]} {name}" for name in wanted if wanted[name] != got[name]]
    return Verdict(
        passed=not differences,
        warning=False,
        description="Read back from the store: " + (", ".join(differences) or "everything is there."),
        evidence={
            **{f"expected_{name}": count for name, count in wanted.items()},
            **{f"found_{name}": count for name, count in got.items()},
        },
    )


def legacy_documents_extracted(wanted: Collection[str], entities: Mapping[str, int]) -> Verdict:
    """LightRAG has processed some of the ``wanted`` documents at least; ``entities`` counts what it found in each.

    It warns of each that is missing, and of each in which nothing was found: LightRAG takes an answer that it cannot
    read for one without entities.
    """
    missing = sum(document not in entities for document in wanted)
    empty = sum(entities.get(document) == 0 for document in wanted)
    return Verdict(
        passed=not wanted or missing < len(wanted),
        warning=bool(missing or empty),
        description=f"Of {len(wanted)} documents, LightRAG failed on {missing} and found nothing in {empty}.",
        evidence={"documents": len(wanted), "missing": missing, "empty": empty},
    )
