"""The compose files by their schema and by what operators rely on; no container engine is needed.

``compose-spec.json`` is the schema of the Compose Specification (compose-spec/compose-go v2.9.1, Apache-2.0).
"""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from aegis_pipeline.settings import Settings
from aegis_pipeline_tests.deploy.compose import GPU, MAIN, OURS, REPOSITORY, SERVERS, services, variables

SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text(encoding="utf-8"))
SERVICES = services()
ONE_SHOT = {"ollama-model"}
DEPLOYED = [REPOSITORY / "deploy" / name for name in ("dagster.yaml", "workspace.yaml")]


@pytest.mark.parametrize("file", [MAIN, GPU, SERVERS], ids=lambda file: file.name)
def test_file_is_valid_by_the_specification(file: Path) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def test_the_schema_refuses_what_is_no_key() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate({"services": {"a": {"imagee": "b"}}})


def test_the_override_names_services_of_the_main_file() -> None:
    assert set(yaml.safe_load(GPU.read_text(encoding="utf-8"))["services"]) <= set(SERVICES)


def test_env_example_lists_what_the_files_take() -> None:
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(listed) == variables(MAIN) | variables(GPU) | variables(SERVERS)
    assert [name for name in listed if "PASSWORD" in name and listed[name]] == []


def test_passwords_have_no_default() -> None:
    for file in (MAIN, SERVERS):
        used = re.findall(r"\$\{(\w*PASSWORD)(:\?)?", file.read_text(encoding="utf-8"))
        assert used
        assert all(required for _, required in used), file


@pytest.mark.parametrize("name", OURS)
def test_our_variables_are_settings_or_dagsters(name: str) -> None:
    of_dagster = {found for file in DEPLOYED for found in re.findall(r"\{env: (\w+)\}", file.read_text("utf-8"))}
    in_image = set(re.findall(r"(DAGSTER_\w+)=", (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")))
    given = set(SERVICES[name]["environment"])
    assert of_dagster <= given | in_image
    assert {known for known in given - of_dagster if known.lower() not in Settings.model_fields} == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_is_pinned_limited_and_watched(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].rpartition(":")[2]
    assert name in OURS or re.search(r"\d", tag), "an image without a version"
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["restart"]
    assert ("healthcheck" in service) is (name not in ONE_SHOT)
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    watched = {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
    done = {other: "service_completed_successfully" if other in ONE_SHOT else "service_healthy" for other in watched}
    assert watched == done


def test_mounted_files_are_there() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert [path for path in mounted if path.startswith("./") and not (REPOSITORY / path).exists()] == []


def test_the_image_gets_nothing_but_what_it_is_built_from() -> None:
    """Every path that the Dockerfile copies is let through, and nothing else: no .env, no data, no git."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    copied = {path for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.M) for path in line.split()}
    first, *let_through = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()[1:-1]
    assert first == "*"
    assert {line.removeprefix("!") for line in let_through} == copied
