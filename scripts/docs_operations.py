"""The tables of OPERATIONS.md: what a run needs in memory, on the disk and of time."""

from docs_tables import result, table


def operation_tables() -> dict[str, str]:
    """Name of a place in the page → its table."""
    return {"memory and disk": memory_and_disk(), "time": time()}


def memory_and_disk() -> str:
    """A row for each first run, with the command that made them."""
    found = result("sizing")
    rows = (
        (
            name,
            run["documents"],
            run["kilobytes of documents"],
            run["peak megabytes"],
            *run["kilobytes on disk"].values(),
        )
        for name, run in found["first runs"].items()
    )
    head = ("first run of", "documents", "kB of documents", "MB of memory", "kB lake", "kB graph", "kB history")
    return f"`{found['command']}`; {found['machine']}.\n\n{table(head, rows)}"


def time() -> str:
    """Seconds of a first run and of changes, and what servers add to the graph's part."""
    growth, servers = result("growth"), result("servers")
    changes = ((name, step["seconds"]["all"]) for name, step in growth["then, with 480 documents"].items())
    first = ("first run of 480 documents", growth["first run"]["480"]["seconds"]["all"])
    note = f"`{growth['command']}`; {growth['machine']}; models loaded, graph in files."
    whole = servers["whole writes"]
    graph = (
        f"The graph's part of that first write, without making vectors: {whole['in files']['first']} s in files, "
        f"{whole['in servers']['first']} s in servers (`{servers['command']}`)."
    )
    return f"{note}\n\n{table(('', 'seconds'), [first, *changes])}\n\n{graph}"
