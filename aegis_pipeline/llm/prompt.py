"""What a model is sent. Texts of documents are data: they stand in it as JSON, which they cannot end."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

BYTES_PER_TOKEN = 3
"""For estimates that are rather too high: Gemma 3 has a token for 4.4 bytes of English prose, for 3.7 of our requests
with their lists, and for 2.8 to 3.0 of answers."""
_CONTROL = {ord(character): f"\\u{ord(character):04x}" for character in "<[\x85\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request: the messages, and the JSON schema that the answer must have."""

    system: str
    user: str
    answer_schema: dict[str, Any]

    @property
    def hash(self) -> str:
        """A digest of the messages."""
        return hashlib.sha256(f"{self.system}\0{self.user}".encode()).hexdigest()


def data_line(value: dict[str, Any]) -> str:
    """``value`` as JSON on one line, whatever its texts hold.

    They cannot end it: the characters that end lines or begin the control tokens of chat templates
    (``<end_of_turn>``, ``[/INST]``) are escaped. ``value`` must have no lists, whose bracket is one of them.
    """
    line = compact_json(value).translate(_CONTROL)
    return line.encode("utf-8", "replace").decode()  # lone surrogates cannot be sent


def compact_json(value: Any) -> str:
    """JSON without blanks: they cost tokens."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few; no tokenizer of the server's is at hand."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN + 1
