"""The gate before a release: the models as configured, end to end on the bundled gold, against a baseline."""

from collections.abc import Mapping

from aegis_pipeline.gates.verdict import Verdict


def quality_on_gold(found: Mapping[str, float], baseline: Mapping[str, float], tolerance: float) -> Verdict:
    """Each F1 of ``baseline`` is reached, but for ``tolerance``; one that was not found counts as 0."""
    worse = {name: f1 for name, f1 in baseline.items() if found.get(name, 0.0) < f1 - tolerance}
    said = ", ".join(f"{name} {found.get(name, 0.0):.4f} ({f1:.4f} before)" for name, f1 in baseline.items())
    remedy = f" Worse: {', '.join(worse)}. Do not release these models, or set a new baseline." if worse else ""
    return Verdict(
        passed=not worse,
        warning=False,
        description=f"F1 on the bundled gold: {said}.{remedy}",
        evidence={
            **{f"f1_{name}": found.get(name, 0.0) for name in baseline},
            **{f"baseline_{name}": f1 for name, f1 in baseline.items()},
            "tolerance": tolerance,
        },
    )
