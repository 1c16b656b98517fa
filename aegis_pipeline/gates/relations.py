"""Gates behind the relations."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from aegis_pipeline.gates.verdict import Verdict
from aegis_pipeline.records import DeadLetter, Relation, Span


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
    unread_documents: Collection[str] = (),
    unlinked_documents: Collection[str] = (),
) -> Verdict:
    """The share of chunks that nothing read for relations, or whose mentions fell to the regex tagger.

    ``chunks`` maps chunk id to document. Of chunks that another extractor read in the LLM's place it only warns, were
    they all; where that is not allowed they count as those that nothing read. ``unread_documents`` are those that were
    lost whole, without dead letters. Of ``unlinked_documents``, whose names phase 2 could not link, it only warns.
    """

    def of_documents(some: Collection[str]) -> set[str]:
        return {chunk for chunk, document in chunks.items() if document in some}

    by_regex, unlinked = of_documents(regex_documents), of_documents(unlinked_documents)
    lost = {letter.chunk_id for letter in letters if not letter.read_by} | of_documents(unread_documents)
    instead = {letter.chunk_id for letter in letters if letter.read_by}
    counted = by_regex | lost | (set() if allow_fallback else instead)
    counts = {
        "lost": len(lost),
        "read_by_fallback": len(instead),
        "mentions_by_regex": len(by_regex),
        "names_not_linked": len(unlinked),
    }
    fraction = len(counted) / len(chunks) if chunks else 0.0
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    remedies = [" `aegis retry` asks the LLM again for what it lost."] if letters else []
    remedies += [" `aegis doctor` says which model for mentions is missing."] if by_regex else []
    remedies += [" The materializations say what failed; the next run tries it again."] if unread_documents else []
    remedies += [" The names are linked by the next run in which phase 2 does not fail."] if unlinked else []
    return Verdict(
        passed=fraction <= maximum,
        warning=any(counts.values()),
        description=f"Of {len(chunks)} chunks: {listed}.{''.join(remedies)}",
        evidence={"fraction": round(fraction, 4), "maximum": maximum, "chunks": len(chunks), **counts},
    )
