"""Gates behind the documents."""

from collections import Counter
from collections.abc import Sequence

from aegis_pipeline.gates.verdict import Verdict
from aegis_pipeline.records import DocumentStatus, ManifestRow


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
