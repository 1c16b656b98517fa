"""How a file beside the graph is written."""

from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of the file in one step: who reads sees the file before or the file after."""
    staged = path.with_name(f".{path.name}")
    staged.write_bytes(content)
    staged.replace(path)
