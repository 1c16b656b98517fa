"""A relation schema of the user's own: what is wrong with it is said, with the place and what to do."""

from pathlib import Path

import pytest

from aegis_pipeline.errors import InputError
from aegis_pipeline.relations import load_schema

GOOD = """
types: [drug]
predicates:
  treats:
    label: treats
    definition: What a drug is given for.
    head: [drug, product]
    tail: [other]
    inverse: treated_by
  treated_by:
    label: treated by
    definition: What is given for something.
    head: [other]
    tail: [product, drug]
    inverse: treats
  spouse:
    pid: P26
    label: spouse
    definition: The person that a person is married to.
    synonyms: [married to]
    head: [person]
    tail: [person]
    symmetric: true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_schema_of_the_users_own(tmp_path: Path) -> None:
    schema = load_schema(written(tmp_path, GOOD))
    assert list(schema) == ["treats", "treated_by", "spouse"]
    assert (schema["treats"].pid, schema["treats"].synonyms, schema["treats"].head) == (None, (), {"drug", "product"})
    assert list(schema.by_pid) == ["P26"]


def test_the_example_of_the_docs_is_a_schema(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "relations-schema.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert list(load_schema(written(tmp_path, example))) == ["treats", "treated_by", "employer"]


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    before = load_schema(written(tmp_path, GOOD))
    after = load_schema(written(tmp_path, GOOD.replace("label: spouse", "label: partner")))
    assert (after["spouse"].label, before == after) == ("partner", False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label: spouse", "label: [spouse", r"own\.yaml is no YAML.*\n.*line"),
        (GOOD, "", "predicates: Field required"),
        (GOOD, "- a\n", "file: Input should be a valid dictionary"),
        (GOOD, "predicates: {}", "predicates: .*at least 1"),
        ("symmetric: true", "symetric: true", r"predicates\.spouse\.symetric: Extra.*(?s:.*)Valid .*symmetric"),
        ("synonyms: [married to]", "synonyms: [on]", r"predicates\.spouse\.synonyms\.0: .*valid string"),
        ("label: spouse", "label: spouse\n    label: wife", r"'label' stands here more than once(?s:.*)line 18"),
        ("  spouse:\n", "  treats:\n", "'treats' stands here more than once"),
        ("  spouse:\n", "  Spouse Of:\n", r"predicates\.Spouse Of.*: String should match"),
        ("pid: P26", "pid: Q26", r"predicates\.spouse\.pid: String should match"),
        ("pid: P26", "pid: 26", r"predicates\.spouse\.pid: .*valid string"),
        ("definition: What a drug", "pid: P26\n    definition: What a drug", "treats: pid P26 belongs to another"),
        ("types: [drug]", "types: []", r"treats: head has the type 'drug'; valid are date, .*\. List .*`types`"),
        ("inverse: treats\n", "inverse: spouse\n", r"treats: its inverse 'treated_by' must be .*`inverse: treats`"),
        ("inverse: treats\n", "inverse: cures\n", r"treated_by: its inverse 'cures' must be .*`inverse: treated_by`"),
        ("[product, drug]", "[drug]", r"treats: its types must be those of its inverse treated_by"),
        ("tail: [person]", "tail: [place]", "spouse: is symmetric.*head person and tail place"),
        ("symmetric: true", "symmetric: true\n    inverse: spouse", "spouse: .*its own inverse: remove"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(InputError, match=message) as raised:
        load_schema(path)
    assert f"RELATION_SCHEMA={path}" in str(raised.value)
    assert "docs/relations-schema.md" in str(raised.value)


def test_every_entry_that_is_wrong_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("[person]", "[human]"))
    with pytest.raises(InputError) as raised:
        load_schema(path)
    assert str(raised.value).count("'human'") == 2


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No such file.*unset it"):
        load_schema(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"types: [caf\xe9]")
    with pytest.raises(InputError, match="no UTF-8"):
        load_schema(tmp_path / "latin.yaml")
