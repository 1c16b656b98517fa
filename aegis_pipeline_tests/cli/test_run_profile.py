"""``aegis run --profile``: for this run, in the place of the setting."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from aegis_pipeline.cli import run
from aegis_pipeline.cli.main import app
from aegis_pipeline.settings import Profile, settings


@pytest.mark.parametrize("given", [[], ["--profile", "production"]])
def test_run_profile_is_that_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]) -> None:
    seen: list[Profile] = []

    def note(_: Path) -> bool:
        seen.append(settings().aegis_profile)
        return True

    monkeypatch.setenv("AEGIS_PROFILE", "embedded")
    monkeypatch.setattr(run, "_run", note)
    settings.cache_clear()
    assert CliRunner().invoke(app, ["run", str(tmp_path), *given]).exit_code == 0
    settings.cache_clear()
    assert seen == [Profile.PRODUCTION if given else Profile.EMBEDDED]


def test_run_profile_that_is_none_names_those_that_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", str(tmp_path), "--profile", "cloud"])
    assert result.exit_code == 2
    assert "production" in result.output
