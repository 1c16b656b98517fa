"""The tables of benchmarks.md on the speed of the job itself: beside its models, and where its time goes."""

from docs_tables import result, table


def speed_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    return {"job beside its models": _beside(), "profile": _profile()}


def _beside() -> str:
    found = result("speed")
    alone = found["models alone"]
    rows = [(f"the job on {found['job']['documents']} documents", found["job"]["seconds"]["all"])]
    rows += [(f"{name}, alone", seconds) for name, seconds in alone.items()]
    rows += [("all models, one after the other", round(sum(alone.values()), 2))]
    return table(("", "seconds"), [*rows, ("the job over its models", found["job over its models"])])


def _profile() -> str:
    found = result("speed-profile")
    rows = ((f"`{name}`", f"{share:.1%}") for name, share in found["packages"].items() if share >= 0.005)
    return table((f"package, of {found['documents']} documents", "share of the time"), rows)
