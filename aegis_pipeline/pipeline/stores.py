"""The lake and the graph of a home, as the settings place them."""

from pathlib import Path

from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import EmbeddedGraphStore, GraphChanges, GraphStore, changes
from aegis_pipeline.graph.archive import read_keys
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import Encoder
from aegis_pipeline.settings import Settings


def lake_root(configured: Settings) -> str:
    """Where the document lake is."""
    return str(configured.home / "lake")


def graph_root(configured: Settings) -> Path:
    """Where the embedded graph is."""
    return configured.home / "graph"


def legacy_root(configured: Settings) -> Path:
    """Where the graph of LightRAG's own extraction is, whatever the profile says."""
    return configured.home / "legacy"


def document_lake(configured: Settings) -> DocumentLake:
    """The lake of this home."""
    return DocumentLake(lake_root(configured))


def graph_store(configured: Settings, encoder: Encoder, root: Path | None = None) -> GraphStore:
    """The graph where the settings place it, with vectors by ``encoder``; what is in files is at or beside ``root``, by
    default in the home."""
    root = root or graph_root(configured)
    if not configured.storages.use_servers:
        return EmbeddedGraphStore(root, encoder, configured.extraction_batch_size)
    from aegis_pipeline.graph.served import ServerGraphStore  # its drivers take 0.3 s to load

    return ServerGraphStore(configured, root, encoder)


def last_changes(configured: Settings) -> GraphChanges:
    """What the last run changed in this home's graph; no model is loaded for it.

    Raises:
        InputError: nothing was written to this home's graph yet.
    """
    found = _last_changes(configured)
    if found is None:
        raise _no_graph(configured)
    return found


def _last_changes(configured: Settings) -> GraphChanges | None:
    root = graph_root(configured)
    if not configured.storages.use_servers:
        return changes.last_changes(Generations(root))
    from aegis_pipeline.graph import served

    return served.last_changes(configured, served.served_folder(root, configured))


def graph_keys(configured: Settings) -> dict[str, str]:
    """Thing → key of its node in this home's graph, empty before the first write; no model is loaded for it.

    Raises:
        GraphError: the graph is not of this version.
    """
    root = graph_root(configured)
    if configured.storages.use_servers:
        from aegis_pipeline.graph import served

        return served.graph_keys(configured, served.served_folder(root, configured))
    generations = Generations(root)
    return read_keys(generations.folder(generations.current)) if generations.current else {}


def require_graph(configured: Settings) -> None:
    """Say early, before models are loaded, that there is nothing to ask.

    Raises:
        InputError: nothing was written to this home's graph yet.
    """
    if configured.storages.use_servers:
        last_changes(configured)
    elif Generations(graph_root(configured)).current is None:
        raise _no_graph(configured)


def has_legacy_graph(configured: Settings) -> bool:
    """Whether LightRAG's own extraction has made a graph in this home."""
    return (legacy_root(configured) / "kv_store_doc_status.json").exists()


def require_legacy_graph(configured: Settings) -> None:
    """As ``require_graph``, of LightRAG's own extraction.

    Raises:
        InputError: nothing was written to it yet.
    """
    if not has_legacy_graph(configured):
        raise InputError(
            f"LightRAG's extraction has made no graph under {configured.home} yet. "
            "Run: EXTRACTION_PIPELINE=lightrag_default aegis run FOLDER"
        )


def _no_graph(configured: Settings) -> InputError:
    servers = configured.storages.use_servers
    place = f"in workspace {configured.aegis_workspace}" if servers else f"under {configured.home}"
    return InputError(f"There is no graph {place} yet. Run: aegis run FOLDER")
