"""The tables of CI_CD_GUIDE.md: what the cache of packages saves, and how often the suite passes."""

from docs_tables import result, table


def ci_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    return {"setup": _setup(), "runs": _runs()}


def _setup() -> str:
    found = result("ci-setup")
    seconds = found["seconds"]
    head = ("`make setup` in a new checkout", "cold cache, s", "warm cache, s", "saved")
    return table(head, [(f"`{found['command']}`", seconds["cold"], seconds["warm"], f"{found['saved']:.0%}")])


def _runs() -> str:
    rows = (
        (
            f"`{found['command']}`, {found['commit'][:7]}",
            len(found["runs"]),
            max(run["tests"] for run in found["runs"]),
            max(run["seconds"] for run in found["runs"]),
            f"{found['success rate']:.0%}",
            f"{found['flaky rate']:.0%}",
        )
        for found in result("ci-runs").values()
    )
    return table(("", "runs", "tests", "longest, s", "success", "with a flaky test"), rows)
