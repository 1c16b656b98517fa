"""The names of the events that the log has: an interface, listed with their fields in ``docs/logs.md``."""

from enum import StrEnum


class Event(StrEnum):
    """One kind of line in the log. No field of any of them holds text of a document."""

    SPACY_NER_FAILED = "spacy_ner_failed"
