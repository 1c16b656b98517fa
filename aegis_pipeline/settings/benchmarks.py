"""Settings of the benchmarks."""

from pathlib import Path

from pydantic import BaseModel, Field


class BenchmarkSettings(BaseModel):
    """What a cell of the benchmark is measured with (docs/benchmarks.md)."""

    benchmark_repeats: int = Field(3, ge=1, le=100, description="How often a cell is measured, each in a new process.")
    benchmark_seed: int = Field(1, ge=0, description="Seed of the generated documents.")
    benchmark_gold: Path | None = Field(
        None, description="Labelled JSONL that is the scenario `gold`; by default there is none."
    )
    benchmark_q4_k_m_model: str = Field(
        "gemma3:4b-it-q4_K_M", min_length=1, description="The Ollama model of the variants named q4_k_m."
    )
    benchmark_q8_0_model: str = Field(
        "gemma3:4b-it-q8_0", min_length=1, description="The Ollama model of the variants named q8_0."
    )
