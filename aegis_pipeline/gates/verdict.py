"""What a gate says."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a gate passed, whether it should at least warn, and the evidence for both."""

    passed: bool
    warning: bool
    description: str
    evidence: dict[str, Any]
