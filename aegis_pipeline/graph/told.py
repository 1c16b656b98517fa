"""What the log says of a write, whatever the store."""

from aegis_pipeline.events import Event
from aegis_pipeline.graph.store import WriteReport
from aegis_pipeline.logs import event_log

_log = event_log(__name__)


def told(report: WriteReport) -> WriteReport:
    """``report``, after a line for the write and one for each document that it touched."""
    done = report.difference
    touched = {"added": done.added, "changed": done.changed, "removed": done.removed}
    for change, documents in touched.items():
        for document_id in sorted(documents):
            _log.info(Event.DOCUMENT_WRITTEN, document_id=document_id, change=change)
    _log.info(
        Event.GRAPH_WRITTEN,
        graph=report.location,
        added=len(done.added),
        changed=len(done.changed),
        removed=len(done.removed),
        unchanged=len(done.unchanged),
    )
    return report
