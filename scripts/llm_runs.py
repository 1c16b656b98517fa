"""What a run by an LLM took, and its settings; used by ``measure_llm.py`` and ``measure_beside_lightrag.py``."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from aegis_pipeline.models.llm_servers import find_ollama_model, ollama_version
from aegis_pipeline.records import ModelUsage, PhaseOutcome
from aegis_pipeline.settings import RelationBackend, Settings


async def served_model() -> dict[str, str]:
    """Model and server of the settings."""
    host, model = Settings().ollama_host, Settings().relation_model
    digest = await find_ollama_model(host, model, "RELATION_MODEL")
    return {"model": model, "digest": digest, "server": f"Ollama {ollama_version(host)}"}


def per_document(usage: ModelUsage, documents: int) -> dict[str, float]:
    """Calls and tokens."""
    return {
        "calls": round(usage.calls / documents, 2),
        "prompt tokens": round(usage.prompt_tokens / documents),
        "answer tokens": round(usage.answer_tokens / documents),
    }


def rejected(outcomes: Sequence[PhaseOutcome]) -> dict[str, int]:
    """Statements that were not kept, by reason."""
    found: Counter[str] = Counter()
    for rejection in chain.from_iterable(outcome.rejected for outcome in outcomes):
        found[rejection.reason] += rejection.count
    return dict(sorted(found.items()))


def settings_for(home: Path, **own: Any) -> Settings:
    """Those of the environment, with relations by Ollama and ``own``."""
    return Settings().model_copy(update={"aegis_home": home, "relation_backend": RelationBackend.OLLAMA, **own})
