"""``docs/gates.md`` has a section for every gate, and names every threshold."""

import re
from pathlib import Path

import pytest

from aegis_pipeline.definitions import defs
from aegis_pipeline.settings.gates import GateSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gates.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
CHECKS = {key.name: key.asset_key.to_user_string() for key in defs.resolve_asset_graph().asset_check_keys}


def test_every_gate_has_a_section_and_every_section_is_a_gate() -> None:
    assert SECTIONS.keys() == CHECKS.keys()


@pytest.mark.parametrize("gate", CHECKS)
def test_section_says_what_to_do(gate: str) -> None:
    assert re.search(r"^When it is (red|yellow): ", SECTIONS[gate], flags=re.MULTILINE)
    assert f"| `{CHECKS[gate]}` | [{gate}](#{gate}) |" in PAGE


@pytest.mark.parametrize("name", GateSettings.model_fields)
def test_threshold_is_named_in_the_section_of_its_gate(name: str) -> None:
    description = str(GateSettings.model_fields[name].description)
    (section,) = (text for gate, text in SECTIONS.items() if description.startswith(gate))
    assert f"`{name.upper()}`" in section
