"""What every room's tests may use."""

import pytest

pytest_plugins = [
    "aegis_pipeline_tests.servers.fixtures",
    "aegis_pipeline_tests.servers.ollama",
    "aegis_pipeline_tests.typed.fixtures",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, in their random order: a process that gets one last keeps the others waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
