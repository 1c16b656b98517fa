"""The pipelines that are compared, as data, and whether one can run here."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from aegis_pipeline.errors import AegisError
from aegis_pipeline.llm.blocking import run
from aegis_pipeline.models.llm_servers import find_ollama_model
from aegis_pipeline.models.ollama_memory import held_vram_bytes
from aegis_pipeline.settings import ExtractionPipeline, LegacyServer, RelationBackend, RelationFallback, Settings

_ARMS = {"three_phase": ExtractionPipeline.THREE_PHASE, "legacy": ExtractionPipeline.LIGHTRAG_DEFAULT}
_QUANTIZATIONS = ("q4_k_m", "q8_0")
_DEVICES = ("cpu", "gpu")
_LOAD_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Variant:
    """A pipeline: ``quantization`` is that of the LLM, empty where the relations are found in the process."""

    name: str
    arm: ExtractionPipeline
    quantization: str
    device: str

    def settings(self, configured: Settings, home: Path) -> Settings:
        """``configured`` as the variant has it, in a home of its own and with its graph in files.

        Without the fallback of the relations: what it found would count as the model's.
        """
        update: dict[str, Any] = {
            "aegis_home": home,
            "device": "cuda" if self.device == "gpu" else "cpu",
            "extraction_pipeline": self.arm,
            "relation_fallback": RelationFallback.NONE,
            "relation_backend": RelationBackend.OLLAMA if self.quantization else RelationBackend.EMBEDDED,
        }
        if self.quantization:
            model = self.model(configured)
            update |= {"relation_model": model, "legacy_server": LegacyServer.OLLAMA, "legacy_model": model}
        return configured.model_copy(update=update)

    def model(self, configured: Settings) -> str:
        """The name of the LLM on the server."""
        names = {"q4_k_m": configured.benchmark_q4_k_m_model, "q8_0": configured.benchmark_q8_0_model}
        return names[self.quantization]

    def missing(self, configured: Settings) -> str:
        """Why the variant cannot run here, and what to do; empty where it can. Loads the LLM, if it has one."""
        if self.device == "gpu" and not _gpu():
            return "torch finds no GPU: run it on a machine with one."
        return self._missing_model(configured) if self.quantization else ""

    def _missing_model(self, configured: Settings) -> str:
        model, setting = self.model(configured), f"BENCHMARK_{self.quantization.upper()}_MODEL"
        try:
            run(find_ollama_model(configured.ollama_host, model, setting))
        except AegisError as error:
            return str(error)
        found = _served(configured.ollama_host, model)
        if found.quantization.lower() != self.quantization:
            return f"{model} ({setting}) is quantized as {found.quantization}: name a model of {self.quantization}."
        if (found.vram_bytes > 0) != (self.device == "gpu"):
            where = "on a GPU" if found.vram_bytes else "on the CPU"
            return f"the Ollama server runs {model} {where}: start one that runs it on the {self.device.upper()}."
        return ""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """What an Ollama server says of a model that it has loaded."""

    quantization: str
    vram_bytes: int


def served(configured: Settings, variant: Variant) -> ServedModel | None:
    """What the server says of the variant's LLM; None where it has none."""
    return _served(configured.ollama_host, variant.model(configured)) if variant.quantization else None


def _served(host: str, model: str) -> ServedModel:
    from ollama import Client

    client = Client(host, timeout=_LOAD_SECONDS)
    client.generate(model=model, prompt="")  # loads it, and says nothing
    details = client.show(model).details
    quantization = (details.quantization_level if details else None) or "unknown"
    return ServedModel(quantization, held_vram_bytes(host, model))


def _gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _variants() -> Iterator[Variant]:
    embedded = [("three_phase", "")]
    asked = [*embedded, *product(("three_phase", "legacy"), _QUANTIZATIONS)]
    for (arm, quantization), device in product(asked, _DEVICES):
        yield Variant(f"{arm}-{quantization or 'embedded'}-{device}", _ARMS[arm], quantization, device)


VARIANTS = {variant.name: variant for variant in _variants()}
"""Every variant by its name."""
