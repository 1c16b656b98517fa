"""Resources are the settings in the launchpad: same defaults, and a run's own values reach what they configure."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from aegis_pipeline.defs.resources import GateResource, NerModelResource, ReadingResource, resources
from aegis_pipeline.settings import Settings
from aegis_pipeline.settings.benchmarks import BenchmarkSettings
from aegis_pipeline.settings.logs import LogSettings
from aegis_pipeline.settings.service import ServiceSettings

CONFIGURED = Settings(_env_file=None, aegis_home=Path("/home/of/aegis"), chunk_tokens=100, glossary=Path("names.toml"))

READING = {name: getattr(CONFIGURED, name) for name in ReadingResource.model_fields if name in Settings.model_fields}


def test_resources_have_the_settings_as_defaults() -> None:
    for resource in resources(CONFIGURED).values():
        for name in set(type(resource).model_fields) & set(Settings.model_fields):
            value = getattr(CONFIGURED, name)
            assert getattr(resource, name) == (str(value) if isinstance(value, Path) else value)
            assert getattr(resource.settings, name) == value or isinstance(value, Path)


def test_resources_cover_every_setting_that_a_run_may_change() -> None:
    of_the_process = {"aegis_home", "aegis_profile", "openai_api_key"}
    of_the_process |= {name for name in Settings.model_fields if name.startswith(("neo4j_", "postgres_"))}
    of_the_process |= set(ServiceSettings.model_fields) | set(LogSettings.model_fields)
    of_the_process |= set(BenchmarkSettings.model_fields)  # each repeat is a process of its own
    of_the_process |= {"aegis_workspace", "graph_storage", "vector_storage", "kv_storage", "doc_status_storage"}
    covered = {name for resource in resources(CONFIGURED).values() for name in type(resource).model_fields}
    assert set(Settings.model_fields) - covered == of_the_process


def test_resource_gives_its_own_values_to_what_it_configures() -> None:
    assert ReadingResource(chunk_tokens=64).settings.chunk_tokens == 64
    assert NerModelResource(spacy_model="de_core_news_sm").languages() == {"de"}
    assert NerModelResource(spacy_model="en_core_web_sm").languages() == {"en"}
    assert NerModelResource(spacy_model="./models/mine").languages() == {"en"}
    assert {"de", "en", "ja"} <= NerModelResource(spacy_model="xx_ent_wiki_sm").languages()


def test_reading_version_changes_with_what_decides_on_a_text() -> None:
    english = frozenset({"en"})
    versions = [
        ReadingResource(**READING).version(english),
        ReadingResource(**READING).version(english | {"de"}),
        ReadingResource(**{**READING, "language_floor": 0.9}).version(english),
        ReadingResource(**{**READING, "max_document_bytes": 1_000}).version(english),
    ]
    assert len(set(versions)) == len(versions)
    assert ReadingResource(**{**READING, "chunk_tokens": 64}).version(english) == versions[0]


def test_resource_has_the_limits_of_the_setting() -> None:
    with pytest.raises(ValidationError):
        GateResource(parse_rate_min=2)


def test_home_places_lake_and_graph() -> None:
    found = resources(CONFIGURED)
    roots = [found[name].root for name in ("document_lake", "graph_store")]  # type: ignore[attr-defined]
    assert roots == ["/home/of/aegis/lake", "/home/of/aegis/graph"]
