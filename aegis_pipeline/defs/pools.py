"""What steps of different runs may not do at once: ``dagster.yaml`` gives each of these pools one slot."""

GPU = "gpu"
"""Computing with models: two of them do not share a GPU's memory, and on a CPU each holds its models once more."""

GRAPH_WRITER = "graph_writer"
"""Writing the graph. A store takes one writer at a time by itself; here the others wait where Dagster shows it."""

LEGACY_GRAPH_WRITER = "legacy_graph_writer"
"""Writing the legacy arm's graph, apart from ours: it takes minutes a document, and ours is not to wait for it."""
