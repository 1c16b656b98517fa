"""What a gate says."""

from dataclasses import dataclass
from typing import Any

WORST = 10
"""How many documents or names the evidence lists where it helps."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a gate passed, whether it should at least warn, and the evidence for both."""

    passed: bool
    warning: bool
    description: str
    evidence: dict[str, Any]

    @classmethod
    def undecided(cls, reason: str, evidence: dict[str, Any]) -> "Verdict":
        """A gate that lets a batch pass because there is too little of it to judge by; it says so."""
        return cls(True, False, f"Too little to judge: {reason}", {**evidence, "too_little_to_judge": True})
