"""The lake and the graph of a home, as the settings place them."""

from pathlib import Path

from aegis_pipeline.errors import InputError
from aegis_pipeline.graph import EmbeddedGraphStore, GraphChanges, GraphStore, changes
from aegis_pipeline.graph.archive import read_keys
from aegis_pipeline.graph.generations import Generations
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.models import Encoder
from aegis_pipeline.settings import Profile, Settings


def lake_root(configured: Settings) -> str:
    """Where the document lake is."""
    return str(configured.home / "lake")


def graph_root(configured: Settings) -> Path:
    """Where the embedded graph is."""
    return configured.home / "graph"


def document_lake(configured: Settings) -> DocumentLake:
    """The lake of this home."""
    return DocumentLake(lake_root(configured))


def graph_store(configured: Settings, encoder: Encoder, root: Path | None = None) -> GraphStore:
    """The graph in the stores of the profile, with vectors by ``encoder``: at ``root``, by default in the home."""
    match configured.aegis_profile:
        case Profile.EMBEDDED:
            return EmbeddedGraphStore(root or graph_root(configured), encoder, configured.extraction_batch_size)


def last_changes(configured: Settings) -> GraphChanges:
    """What the last run changed in this home's graph; no model is loaded for it.

    Raises:
        InputError: nothing was written to this home's graph yet.
    """
    found = changes.last_changes(Generations(graph_root(configured)))
    if found is None:
        raise _no_graph(configured)
    return found


def graph_keys(configured: Settings) -> dict[str, str]:
    """Thing → key of its node in this home's graph, empty before the first write; no model is loaded for it.

    Raises:
        GraphError: the graph is not of this version.
    """
    generations = Generations(graph_root(configured))
    return read_keys(generations.folder(generations.current)) if generations.current else {}


def require_graph(configured: Settings) -> None:
    """Say early, before models are loaded, that there is nothing to ask.

    Raises:
        InputError: nothing was written to this home's graph yet.
    """
    if Generations(graph_root(configured)).current is None:
        raise _no_graph(configured)


def _no_graph(configured: Settings) -> InputError:
    return InputError(f"There is no graph under {configured.home} yet. Run: aegis run FOLDER")
