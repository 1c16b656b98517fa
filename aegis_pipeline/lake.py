"""The document lake: what each phase made of each batch, as Parquet under a path that may be an object store.

``<root>/<batch>/<table>.parquet``, and ``batch.json`` with the folder that the batch was read from. A table is written
whole or not at all. Records go through Pydantic both ways, so a table that was changed by hand is refused, not misread.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError
from upath import UPath

from aegis_pipeline.errors import LakeError
from aegis_pipeline.tables import Record, Table

Stamp = tuple[tuple[float, int], ...]
Place = tuple[str, Stamp]
_SUFFIXES = {".parquet", ".json"}


class _Recent:
    """The tables that were last written or read, as records: one asset reads what another has just written, and
    records take longer to make than rows to read. A table that anyone has written since has another place."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._records: OrderedDict[Place, tuple[Any, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, place: Place) -> tuple[Any, ...] | None:
        """The records of the table at ``place``, if they are kept."""
        with self._lock:
            if place in self._records:
                self._records.move_to_end(place)
            return self._records.get(place)

    def put(self, place: Place, records: tuple[Any, ...]) -> None:
        """Keep them, and let go of the ones that were used longest ago."""
        with self._lock:
            self._records[place] = records
            while len(self._records) > self._size:
                self._records.popitem(last=False)


_RECENT = _Recent(size=8)


class DocumentLake:
    """Batches of records under ``root``: a local path, or any URL that fsspec knows."""

    def __init__(self, root: str) -> None:
        self.root = UPath(root)

    def path(self, batch: str, table: Table[Any]) -> UPath:
        """Where a table of a batch is."""
        return self.root / batch / f"{table.name}.parquet"

    def write(self, batch: str, table: Table[Record], records: Sequence[Record]) -> None:
        """Replace a batch's table."""
        rows = tuple(records)
        self._write(batch, table, _arrow(table, rows))
        _RECENT.put(self._place(batch, table), rows)

    def rewrite(
        self,
        batch: str,
        table: Table[Record],
        records: Sequence[Record],
        *,
        kept: Collection[str],
        order: Sequence[str],
    ) -> None:
        """Replace the rows of every document but those of ``kept``, which stay as they are and are not decoded.

        Rows come in the ``order`` of their documents, and within a document as they were given; documents that are not
        in it lose theirs.

        Raises:
            LakeError: as :meth:`read`, where something is kept.
        """
        rows = _arrow(table, records)
        if kept:
            try:
                rows = pa.concat_tables([self._load(batch, table, columns=None, documents=kept), rows])
            except pa.ArrowException as error:
                raise self._damaged(batch, table, error) from None
        places = pc.index_in(rows[table.document], pa.array(order, pa.string()))
        # Arrow's sort is stable.
        self._write(batch, table, rows.take(pc.sort_indices(places)).slice(0, len(rows) - places.null_count))

    def read(self, batch: str, table: Table[Record], documents: Collection[str] | None = None) -> tuple[Record, ...]:
        """A batch's table, or its rows of ``documents``.

        Raises:
            LakeError: the table was never written, or holds something else than these records.
        """
        if documents is not None:
            return self._decoded(batch, table, documents)
        place = self._place(batch, table)
        records = _RECENT.get(place)
        if records is None:
            records = self._decoded(batch, table, None)
            _RECENT.put(place, records)
        return records

    def column(self, batch: str, table: Table[Any], name: str) -> list[Any]:
        """One column of a batch's table, row by row, without reading the others.

        Raises:
            LakeError: as :meth:`read`.
        """
        rows = self._load(batch, table, columns=[name], documents=None)
        try:
            values: list[Any] = rows[name].to_pylist()
        except KeyError as error:
            raise self._damaged(batch, table, error) from None
        return values

    def bind(self, batch: str, folder: str, reading: str = "") -> None:
        """Remember the folder that a batch is read from, and how: ``reading`` is a digest of what decides that, empty
        while its documents are being written."""
        path = self.root / batch / "batch.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(".batch.json")
        staged.write_text(json.dumps({"folder": folder, "reading": reading}), encoding="utf-8")
        staged.rename(path)

    def origin(self, batch: str) -> dict[str, str]:
        """``folder`` and ``reading`` of the last reading of a batch; empty for one that never was read."""
        path = self.root / batch / "batch.json"
        origin: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return origin

    def remove(self, batch: str, *, keep: Collection[Table[Any]] = ()) -> int:
        """Remove a batch's tables but those of ``keep``, and then what says that it was read; how many files that were.

        Twice is the same as once, and what a killed removal has left the next one removes.
        """
        folder = self.root / batch
        kept = {self.path(batch, table).name for table in keep}
        found = sorted(folder.iterdir(), key=lambda path: path.name == "batch.json") if folder.exists() else []
        own = [path for path in found if path.suffix in _SUFFIXES and path.name not in kept]
        for path in own:
            path.unlink(missing_ok=True)
        if found and len(own) == len(found) and folder.exists():  # an object store has no empty folders
            folder.rmdir()
        return len(own)

    def digest(self, batch: str, tables: Iterable[Table[Any]]) -> str:
        """A hash of the tables as they are in the lake.

        Raises:
            LakeError: a table was never written.
        """
        found = hashlib.sha256()
        for table in tables:
            self._stat(batch, table)
            found.update(hashlib.sha256(self.path(batch, table).read_bytes()).digest())
        return found.hexdigest()

    def note(self, batch: str, name: str, value: Any) -> None:
        """Keep a value for JSON beside a batch's tables, until they are removed."""
        path = self.root / batch / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}")
        staged.write_text(json.dumps(value), encoding="utf-8")
        staged.rename(path)

    def noted(self, batch: str, name: str) -> Any:
        """What ``note`` was given last; None before."""
        path = self.root / batch / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def drop(self, batch: str, table: Table[Any]) -> None:
        """Remove one table of a batch, if it is there."""
        self.path(batch, table).unlink(missing_ok=True)

    def staged(self, older_than: float) -> list[UPath]:
        """Files that killed writes have left: those that were not touched since ``older_than`` (Unix time)."""
        files = (path for folder in self._folders() for path in folder.iterdir() if path.name.startswith("."))
        return sorted(path for path in files if path.stat().st_mtime < older_than)

    def has(self, batch: str, table: Table[Any]) -> bool:
        """Whether a batch's table was written."""
        return self.path(batch, table).exists()

    def stamp(self, batch: str, tables: Iterable[Table[Any]]) -> Stamp:
        """What changes when one of the tables is written: its time and size.

        Raises:
            LakeError: a table was never written.
        """
        return tuple((found.st_mtime, found.st_size) for found in (self._stat(batch, table) for table in tables))

    def batches(self) -> list[str]:
        """Every batch that was read, in order of name."""
        return sorted(path.name for path in self._folders() if (path / "batch.json").exists())

    def _folders(self) -> list[UPath]:
        return [path for path in self.root.iterdir() if path.is_dir()] if self.root.exists() else []

    def _write(self, batch: str, table: Table[Any], rows: pa.Table) -> None:
        path = self.path(batch, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}")
        with staged.open("wb") as file:
            pq.write_table(rows, file, compression="zstd")
        staged.rename(path)

    def _load(
        self, batch: str, table: Table[Any], *, columns: list[str] | None, documents: Collection[str] | None
    ) -> pa.Table:
        self._stat(batch, table)
        path = self.path(batch, table)
        wanted = None if documents is None else pc.field(table.document).isin(pa.array(documents, pa.string()))
        try:
            with path.open("rb") as file:
                return pq.read_table(file, columns=columns, filters=wanted)
        except pa.ArrowException as error:
            raise self._damaged(batch, table, error) from None

    def _decoded(self, batch: str, table: Table[Record], documents: Collection[str] | None) -> tuple[Record, ...]:
        rows = self._load(batch, table, columns=None, documents=documents)
        try:
            return table.records.validate_python(rows.to_pylist())
        except ValidationError as error:
            raise self._damaged(batch, table, error) from None

    def _place(self, batch: str, table: Table[Any]) -> Place:
        return str(self.path(batch, table)), self.stamp(batch, [table])

    def _stat(self, batch: str, table: Table[Any]) -> Any:
        try:
            return self.path(batch, table).stat()
        except FileNotFoundError:
            raise LakeError(
                f"Batch {batch!r} has no {table.name} in {self.root}: run the phase that makes them first, "
                "by `aegis run FOLDER` or by materializing its asset for this partition."
            ) from None

    def _damaged(self, batch: str, table: Table[Any], error: Exception) -> LakeError:
        path = self.path(batch, table)
        return LakeError(f"{path} does not hold {table.name}: {error}. Remove it. Run the phase again.")


def _arrow(table: Table[Record], records: Sequence[Record]) -> pa.Table:
    return pa.Table.from_pylist(table.records.dump_python(tuple(records)), schema=table.schema)
