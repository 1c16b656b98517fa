"""The tables of docs/llm-relations.md, from docs/results/llm.json and docs/results/llm-lightrag.json."""

from typing import Any

from docs_tables import result, table

KINDS = ("short documents", "a long document")
SIDES = ("ours", "LightRAG")


def llm_calls() -> str:
    """Calls and tokens of a document for a model that states all that the labels have."""
    found = result("llm")
    rows = [
        (f"{kind} ({row['tokens of a text']:,} tokens)", row["calls"], *_tokens(row))
        for kind in KINDS
        if (row := found[f"{kind}, answered by the labels"])
    ]
    return table(("a document", "calls", "prompt tokens", "answer tokens"), rows)


def llm_beside_lightrag() -> str:
    """What a document takes of one server and model, ours and LightRAG's default extraction."""
    found = result("llm-lightrag")
    rows = [
        (
            f"{kind} ({found[kind]['documents']}), {side}",
            row["calls"],
            *_tokens(row),
            row["seconds"],
            row["CPU seconds of the server"],
        )
        for kind in KINDS
        if kind in found
        for side in SIDES
        if (row := found[kind][side])
    ]
    return table(("a document", "calls", "prompt tokens", "answer tokens", "seconds", "CPU seconds"), rows)


def _tokens(row: dict[str, Any]) -> tuple[str, str]:
    return f"{row['prompt tokens']:,}", f"{row['answer tokens']:,}"
