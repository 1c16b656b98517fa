"""The table of docs/llm-relations.md, from docs/results/llm.json."""

from docs_tables import result


def llm_calls() -> str:
    """Calls and tokens of a document, a row for each way of reading it."""
    found = result("llm")
    same = found["same server"]
    rows = [
        (f"{kind} ({found[kind]['tokens of a text']} tokens)", found[kind])
        for kind in ("short documents, answered by the labels", "a long document, answered by the labels")
    ]
    rows += [(f"{found['model']} itself, {name}", same[name]) for name in ("ours", "LightRAG")]
    lines = [
        f"| {name} | {row['calls']} | {row['prompt tokens']:,} | {row['answer tokens']:,} | {row.get('seconds', '')} |"
        for name, row in rows
    ]
    head = "| a document | calls | prompt tokens | answer tokens | seconds |"
    return "\n".join([head, "|---|--:|--:|--:|--:|", *lines])
