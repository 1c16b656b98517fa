"""From a folder to its batches: keys, shards, and what is new in the inbox. The sensor and `aegis run` call it."""

from aegis_pipeline.inbox.cursor import FolderState, InboxCursor
from aegis_pipeline.inbox.keys import batch_key, folder_key, shard_key
from aegis_pipeline.inbox.scanning import ScannedFolder, fingerprint, inbox_folders, scan
from aegis_pipeline.inbox.shards import own_files, place, shards_of
from aegis_pipeline.inbox.watching import BatchRequest, Look, TickLimits, look

__all__ = [
    "BatchRequest",
    "FolderState",
    "InboxCursor",
    "Look",
    "ScannedFolder",
    "TickLimits",
    "batch_key",
    "fingerprint",
    "folder_key",
    "inbox_folders",
    "look",
    "own_files",
    "place",
    "scan",
    "shard_key",
    "shards_of",
]
