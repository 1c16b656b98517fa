"""A large folder as several batches. Which file is in which is kept in the lake, so that a file stays where it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from aegis_pipeline import tables
from aegis_pipeline.documents import FoundFile, display_path
from aegis_pipeline.errors import InputError
from aegis_pipeline.events import Event
from aegis_pipeline.inbox.keys import folder_key, shard_key
from aegis_pipeline.lake import DocumentLake
from aegis_pipeline.logs import event_log
from aegis_pipeline.records import PlacedFile

_log = event_log(__name__)


def place(paths: Iterable[str], placed: Mapping[str, int], limit: int) -> dict[str, int]:
    """Path → number of its shard, from 1.

    A path that was ``placed`` stays, also in a shard that has more than ``limit`` by now. New ones fill the first
    shards that have room, in their order, and then open others.
    """
    wanted = list(paths)
    kept = {path: placed[path] for path in wanted if path in placed}
    sizes = Counter(kept.values())
    free = (shard for shard in count(1) for _ in range(limit - sizes[shard]))
    return {path: kept[path] if path in kept else next(free) for path in wanted}


def shards_of(
    lake: DocumentLake, folder: str, files: Sequence[FoundFile], limit: int
) -> dict[str, tuple[FoundFile, ...]]:
    """Batch key → its files, of the batches that have any; ``folder`` is the folder's key.

    A folder within the limit is one batch. What is decided of a larger one is noted in the lake before any batch of it
    runs: ``own_files`` reads it. Twice is the same as once.

    Raises:
        LakeError: what the lake has of this folder cannot be read.
    """
    is_sharded = lake.has(folder, tables.PLACES)
    if not is_sharded and len(files) <= limit:
        return {folder: tuple(files)} if files else {}
    before = _placed(lake, folder, is_sharded=is_sharded)
    paths = [display_path(file.path) for file in files]
    places = place(paths, before, limit)
    if places != before:
        lake.write(folder, tables.PLACES, [PlacedFile(path, shard) for path, shard in places.items()])
        _log.info(Event.FOLDER_DIVIDED, folder=folder, files=len(files), batches=len(set(places.values())))
    found = defaultdict(list)
    for path, file in zip(paths, files, strict=True):
        found[places[path]].append(file)
    return {shard_key(folder, shard): tuple(found[shard]) for shard in sorted(found)}


def own_files(lake: DocumentLake, batch: str) -> frozenset[str] | None:
    """The paths that ``batch`` is to read, as in the manifest; None where the folder is one batch, which reads all.

    Raises:
        InputError: it is a shard of a folder that is not in shards.
    """
    folder, number = folder_key(batch)
    if lake.has(folder, tables.PLACES):
        return frozenset(file.path for file in lake.read(folder, tables.PLACES) if file.shard == number)
    if number == 1:
        return None
    raise InputError(
        f"Batch {batch!r} is a part of folder {folder!r}, which is not divided: run `aegis run FOLDER`, "
        f"or take the batch out with `aegis remove {batch}`."
    )


def _placed(lake: DocumentLake, folder: str, *, is_sharded: bool) -> dict[str, int]:
    """Where files are. Those that a folder had while it was one batch are in its first shard."""
    if is_sharded:
        return {file.path: file.shard for file in lake.read(folder, tables.PLACES)}
    read = lake.column(folder, tables.MANIFEST, "path") if lake.has(folder, tables.MANIFEST) else []
    return dict.fromkeys(read, 1)
