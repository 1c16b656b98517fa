"""The exception tree, split into what a retry may mend and what it cannot.

::

    AegisError
    ├── TransientError            worth a retry
    │   ├── ServiceUnavailableError   a server did not answer
    │   └── MemoryEndedError          one item alone does not fit in memory
    └── TerminalError             a retry ends the same way
        ├── SettingsError             a setting is wrong
        ├── InputError                what the user named cannot be used
        ├── DocumentError             one document cannot be read; carries its manifest status
        ├── ModelError                weights are missing, or are not the ones that were recorded
        ├── LakeError                 what a phase needs is not in the lake
        └── GraphError                the graph refused a write, or holds something else than was written

Every message says what was wrong, what is valid, and what to do next.
"""

from aegis_pipeline.records import DocumentStatus


class AegisError(Exception):
    """Whatever this project raises on purpose."""


class TransientError(AegisError):
    """Worth a retry."""


class ServiceUnavailableError(TransientError):
    """A server that a phase needs did not answer."""


class MemoryEndedError(TransientError):
    """Memory does not suffice for one text or document alone; there may be more of it at another time."""


class TerminalError(AegisError):
    """A retry ends the same way."""


class SettingsError(TerminalError):
    """A setting has a value that is not valid."""


class InputError(TerminalError):
    """What the user named (a folder, a file, a partition) cannot be used."""


class DocumentError(TerminalError):
    """One document cannot be read. ``status`` is what its manifest row says."""

    def __init__(self, status: DocumentStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class ModelError(TerminalError):
    """Weights are missing, or are not the ones whose hash was recorded."""


class LakeError(TerminalError):
    """What a phase needs is not in the lake."""


class GraphError(TerminalError):
    """The graph refused a write, or holds something else than was written."""
