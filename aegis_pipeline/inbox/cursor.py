"""What the sensor knows of the inbox from one tick to the next, as text: a line a folder, whatever is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from aegis_pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class FolderState:
    """One folder of the inbox, by fingerprints.

    ``seen``: at the last look. ``taken``: when the last run was asked for; None while some of its batches still wait
    for theirs. ``batches``: of each batch that was asked for, by its key.
    """

    seen: str = ""
    taken: str | None = None
    batches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboxCursor:
    """The folders of ``inbox`` that were seen, by name.

    ``directory`` tells the inbox from another directory at the same path; ``last`` is the folder that was looked at
    last; ``revision`` counts the ticks that asked for something, and never begins anew: a folder that is as it was two
    changes ago is to be read again.
    """

    inbox: str = ""
    directory: str = ""
    last: str = ""
    revision: int = 0
    folders: Mapping[str, FolderState] = field(default_factory=dict)

    @classmethod
    def load(cls, text: str | None, inbox: str) -> "InboxCursor":
        """What ``dump`` made; nothing is known yet of another inbox than the one it was made for.

        Raises:
            InputError: it is no cursor of this version.
        """
        try:
            found = _CURSOR.validate_json(text) if text else cls(inbox)
        except ValidationError:
            raise InputError(
                "The cursor of the sensor new_document_batches is not of this version: reset it on the sensor's page "
                "in Dagster's UI. Every folder is then looked at anew."
            ) from None
        return found if found.inbox == inbox else cls(inbox, revision=found.revision)

    def dump(self) -> str:
        """As JSON."""
        return _CURSOR.dump_json(self).decode()


_CURSOR = TypeAdapter(InboxCursor)
