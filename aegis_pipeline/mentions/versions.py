"""What a result of phase 1 depends on, besides the chunks."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from aegis_pipeline.mentions.glossary import GlossaryEntry
from aegis_pipeline.models.hashes import sha256_of

_DIGITS = 16


def version_of(model: str, glossary: Sequence[GlossaryEntry], *, numeric_nodes: bool) -> str:
    """``model``, and a hash of this package and the reader's code, the glossary's content and the setting."""
    said = "\n".join([_code(), str(numeric_nodes), *(entry.model_dump_json() for entry in glossary)])
    return f"{model} {hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]}"


@lru_cache(maxsize=1)
def _code() -> str:
    own = Path(__file__).parent
    reader = sorted((own.parent / "reader").glob("*.py"))
    return " ".join([sha256_of(own), *map(sha256_of, reader)])
