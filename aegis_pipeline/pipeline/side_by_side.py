"""Both arms on the same documents, each into its own graph; what is asked, ours answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aegis_pipeline.errors import AegisError
from aegis_pipeline.events import Event
from aegis_pipeline.graph import Answer
from aegis_pipeline.logs import event_log
from aegis_pipeline.pipeline.graph_pipeline import InsertReport, ThreePhasePipeline
from aegis_pipeline.pipeline.legacy import LegacyPipeline
from aegis_pipeline.records import Document, QueryMode

_log = event_log(__name__)


@dataclass(frozen=True, slots=True)
class SideBySidePipeline:
    """The three phases, and the legacy arm for comparison: its failure costs nothing but its own report."""

    three_phase: ThreePhasePipeline
    legacy: LegacyPipeline

    def insert(self, documents: Sequence[Document]) -> InsertReport:
        """See ``GraphPipeline.insert``; the report's ``legacy`` is that of the legacy arm.

        Raises:
            GraphError: our store refused a document; nothing was written to either graph.
        """
        report = self.three_phase.insert(documents)
        return replace(report, legacy=self._beside(documents))

    def query(self, question: str, mode: QueryMode, top_k: int) -> Answer:
        """See ``GraphPipeline.query``."""
        return self.three_phase.query(question, mode, top_k)

    def _beside(self, documents: Sequence[Document]) -> InsertReport:
        try:
            return self.legacy.insert(documents)
        except AegisError as error:
            _log.warning(Event.LEGACY_ARM_FAILED, error_type=type(error).__name__, error=str(error))
            return InsertReport((), (), {document.id: str(error) for document in documents})
