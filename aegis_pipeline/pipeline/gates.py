"""Quality gates: pure functions from what a phase made to a verdict with its evidence."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aegis_pipeline.graph import GraphCounts
from aegis_pipeline.records import DeadLetter, DocumentStatus, ManifestRow, Relation, Span


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a gate passed, whether it should at least warn, and the evidence for both."""

    passed: bool
    warning: bool
    description: str
    evidence: dict[str, Any]


def documents_parse_rate(manifest: Sequence[ManifestRow], minimum: float, warn_below: float) -> Verdict:
    """Parsed documents among those that should have been readable.

    Files that are no documents (links, other formats), empty files and languages without a model are not failures.
    """
    counts = Counter(row.status for row in manifest)
    parsed = counts[DocumentStatus.PARSED]
    failed = sum(count for status, count in counts.items() if status.is_parse_failure)
    rate = parsed / (parsed + failed) if parsed + failed else 1.0
    return Verdict(
        passed=rate >= minimum,
        warning=rate < warn_below,
        description=f"{parsed} of {parsed + failed} readable documents parsed; `aegis manifest` names the others.",
        evidence={
            "rate": round(rate, 4),
            "minimum": minimum,
            "warn_below": warn_below,
            **{status.value: count for status, count in counts.items()},
        },
    )


def relation_endpoints_exist(
    relations: Iterable[Relation], nodes: Collection[str], chunks: Mapping[str, Span]
) -> Verdict:
    """Each relation's head and tail are ``nodes`` of the graph, and its evidence lies in its chunk, whose span is in
    ``chunks``."""
    total, faults = 0, Counter[str]()
    for relation in relations:
        total += 1
        faults["head"] += relation.head not in nodes
        faults["tail"] += relation.tail not in nodes
        span = chunks.get(relation.chunk_id)
        faults["evidence"] += (
            span is None or not span.start <= relation.evidence.start < relation.evidence.end <= span.end
        )
    wrong = sum(faults.values())
    return Verdict(
        passed=not wrong,
        warning=False,
        description=f"{wrong} fault(s) in {total} relations.",
        evidence={"relations": total, **{f"missing_{kind}": count for kind, count in faults.items()}},
    )


def degraded_fraction(
    chunks: Mapping[str, str],
    regex_documents: Collection[str],
    letters: Collection[DeadLetter],
    maximum: float,
    *,
    allow_fallback: bool,
) -> Verdict:
    """The share of chunks that nothing read for relations, or whose mentions fell to the regex tagger.

    ``chunks`` maps chunk id to document. Of chunks that another extractor read in the LLM's place it only warns, were
    they all; where that is not allowed they count as those that nothing read.
    """
    by_regex = {chunk for chunk, document in chunks.items() if document in regex_documents}
    lost = {letter.chunk_id for letter in letters if not letter.read_by}
    instead = {letter.chunk_id for letter in letters if letter.read_by}
    counted = by_regex | lost | (set() if allow_fallback else instead)
    counts = {"lost": len(lost), "read_by_fallback": len(instead), "mentions_by_regex": len(by_regex)}
    fraction = len(counted) / len(chunks) if chunks else 0.0
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    remedies = [" `aegis retry` asks the LLM again for what it lost."] if letters else []
    remedies += [" `aegis doctor` says which model for mentions is missing."] if by_regex else []
    return Verdict(
        passed=fraction <= maximum,
        warning=any(counts.values()),
        description=f"Of {len(chunks)} chunks: {listed}.{''.join(remedies)}",
        evidence={"fraction": round(fraction, 4), "maximum": maximum, "chunks": len(chunks), **counts},
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
