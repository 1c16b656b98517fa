"""Loading spaCy models and encoders, once per process."""

import gc
import json
import re
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aegis_pipeline.errors import ModelError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.models.bundled import Kind, verify
from aegis_pipeline.models.collecting import uncollected
from aegis_pipeline.models.devices import computes_bfloat16, torch_device, use_spacy_device
from aegis_pipeline.models.encoder import Encoder
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.models.sources import Origin, Source, find_model, how_to_get

if TYPE_CHECKING:
    from spacy.language import Language

Model = TypeVar("Model")

_log = event_log(__name__)


class ModelCache:
    """Loaded models by key; two threads that ask for the same model get the same one, loaded once.

    Loaded models are taken out of the garbage collector's sight: they are a million objects that stay, and each of its
    full passes would look at all of them. Reading 13,000 mentions takes 0.07 s instead of 0.7 s.
    """

    def __init__(self) -> None:
        self._models: dict[tuple[str, ...], Any] = {}
        self._keepers: list[tuple[str, weakref.WeakMethod[Callable[[], None]]]] = []
        self._lock = threading.RLock()  # a model may stand on another: the reader on the encoder

    def get(self, key: tuple[str, ...], load: Callable[[], Model]) -> Model:
        """The model of ``key``; what fails to load is not remembered."""
        with self._lock:
            if key not in self._models:
                started = time.perf_counter()
                with uncollected():
                    self._models[key] = load()
                gc.collect()
                gc.freeze()
                seconds = round(time.perf_counter() - started, 3)
                _log.info(Event.MODEL_LOADED, kind=key[0], name=key[1], seconds=seconds)
            return cast(Model, self._models[key])

    def has(self, kind: str) -> bool:
        """Whether a model of that kind is loaded."""
        with self._lock:
            return any(key[0] == kind for key in self._models)

    def kept_by(self, kind: str, forget: Callable[[], None]) -> None:
        """Whoever keeps a model of that kind beside the cache gives the method by which it forgets it."""
        with self._lock:
            alive = [(keeps, keeper) for keeps, keeper in self._keepers if keeper() is not None]
            self._keepers = [*alive, (kind, weakref.WeakMethod(forget))]

    def forget(self, kind: str) -> list[str]:
        """Forget the models of that kind, so that their memory can be freed; their names."""
        with self._lock:
            names = [key[1] for key in self._models if key[0] == kind]
            self._models = {key: model for key, model in self._models.items() if key[0] != kind}
            told = [forget for keeps, keeper in self._keepers if keeps == kind and (forget := keeper())]
            gc.unfreeze()
        for forget in told:
            forget()
        return names

    def clear(self) -> None:
        """Forget every model, so that its memory can be freed."""
        with self._lock:
            self._models.clear()
            gc.unfreeze()


CACHE = ModelCache()


def load_spacy(name: str, *, device: str = "auto") -> "Language":
    """The spaCy pipeline of that name or path.

    Raises:
        ModelError: it is not installed, cannot be read, or a bundled one is not what was recorded.
        SettingsError: the device cannot be used.
    """
    return CACHE.get(("spacy", name, device), lambda: read_spacy(name, device=device))


def load_encoder(name: str, *, device: str = "auto") -> Encoder:
    """The sentence-transformers model of that hub id or path.

    Raises:
        ModelError: it is nowhere to be found, cannot be read, or a bundled one is not what was recorded.
        SettingsError: the device cannot be used.
    """
    return CACHE.get(("encoder", name, device), lambda: _read_encoder(_available("encoder", name), device))


def _available(kind: Kind, name: str) -> Source:
    source = find_model(kind, name)
    if source.origin is Origin.MISSING:
        raise ModelError(f"The model {name!r} is not here. {how_to_get(source)}")
    if source.bundled is not None:
        verify(source.bundled, Path(source.location))
    return source


def read_spacy(name: str, *, device: str = "auto") -> "Language":
    """As :func:`load_spacy`, but read anew: the caller may change it."""
    import spacy

    source = _available("spacy", name)
    use_spacy_device(device)
    try:
        return spacy.load(source.location)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise ModelError(f"spaCy cannot load {source.name!r}: {error}\n{how_to_get(source)}") from error


def _read_encoder(source: Source, device: str) -> Encoder:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    place = torch_device(device)
    try:
        model = SentenceTransformer(source.location, device=place, local_files_only=source.origin is not Origin.HUB)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
        raise ModelError(f"sentence-transformers cannot load {source.name!r}: {error}\n{how_to_get(source)}") from error
    return Encoder(model, _digest(source), bfloat16=computes_bfloat16(place))


def _digest(source: Source) -> str:
    """The hash of the model's files; what the hub has just sent lies in its cache now."""
    if source.bundled is not None:
        return source.bundled.sha256["model.safetensors"]
    here = find_model(source.kind, source.name) if source.origin is Origin.HUB else source
    return sha256_of(Path(here.location))


def model_language(name: str) -> str:
    """The language (two letters) that the spaCy pipeline of that name or path reads, without loading it.

    ``xx`` reads all. A model that is not here has the language that its name begins with (``de_core_news_sm``), else
    English: what then stands in for it, the regex tagger, reads English best.
    """
    source = find_model("spacy", name)
    metas = sorted(Path(source.location).rglob("meta.json")) if source.origin is not Origin.MISSING else []
    if metas:
        return str(json.loads(metas[0].read_text(encoding="utf-8"))["lang"])
    named = re.match(r"([a-z]{2})_", name)
    return named[1] if named else "en"
