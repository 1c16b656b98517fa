"""``aegis gpu-profile``: what the models take of the card that is here."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aegis_pipeline.cli.console import OUT, note, print_table
from aegis_pipeline.errors import SettingsError
from aegis_pipeline.settings import settings

if TYPE_CHECKING:
    from aegis_pipeline.benchmarks.gpu_profile import Leak, Measured, PipelinePeak

_WITHIN = 0.15


def gpu_profile(
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    batch: Annotated[list[int] | None, typer.Option(min=1, help="Texts or requests at once; again for more.")] = None,
    batches: Annotated[int, typer.Option(min=10, help="How many the test for leaks reads.")] = 200,
) -> None:
    """Measure each model on this machine's GPU over batch sizes: peak memory, speed, and whether memory grows.

    Weights that do not come along are random, in the same architecture: its memory and speed are the trained model's.
    What is measured is held against the table of costs: docs/GPU_REQUIREMENTS.md.
    """
    from aegis_pipeline.benchmarks.gpu_profile import (
        WORKLOADS,
        CudaMeter,
        generated_documents,
        leak_of,
        measured,
        pipeline_peak,
    )
    from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor

    meter, sizes = CudaMeter(_card()), batch or [1, 4, 16, 32, 64]
    found: list[Measured] = []
    leaks: list[Leak] = []
    for workload in WORKLOADS:
        note(f"{workload.name}, {workload.weights} weights ...")
        found += measured(workload, sizes, meter)
        leaks.append(leak_of(workload, min(sizes), batches, meter))
    note("the three phases ...")
    extract = ThreePhaseExtractor.from_settings(settings()).extract_documents
    whole = pipeline_peak(extract, generated_documents(settings().benchmark_seed), meter)
    _write(out, meter.device, found, leaks, whole)
    _print(found, leaks, whole)
    note(f"Written to {out}.")


def _card() -> str:
    """The GPU that DEVICE names.

    Raises:
        SettingsError: there is none.
    """
    from aegis_pipeline.models.devices import torch_device

    device = torch_device(settings().device)
    if device == "cpu":
        raise SettingsError(
            f"DEVICE={settings().device}: there is no GPU to measure here. Run it on a machine with an NVIDIA card, "
            "with DEVICE=auto or DEVICE=cuda:N."
        )
    return device


def _write(out: Path, device: str, found: "list[Measured]", leaks: "list[Leak]", whole: "PipelinePeak") -> None:
    import torch

    result: dict[str, Any] = {
        "command": "aegis gpu-profile",
        "card": torch.cuda.get_device_name(device),
        "total_gb": round(torch.cuda.get_device_properties(device).total_memory / 1e9, 1),
        "torch": torch.__version__,
        "models": [{**asdict(each), "off_by": each.off_by} for each in found],
        "leaks": [asdict(each) for each in leaks],
        "pipeline": {**asdict(whole), "spacy_model": settings().spacy_model},
    }
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _print(found: "list[Measured]", leaks: "list[Leak]", whole: "PipelinePeak") -> None:
    rows = [(each.model, each.weights, each.batch, *_sizes(each), _off(each)) for each in found]
    print_table(("model", "weights", "at once", "of weights", "peak", "predicted", "off by"), rows)
    for leak in leaks:
        grown = 1000 * (leak.late_gb - leak.early_gb)
        OUT.print(f"{leak.model}: {grown:+.1f} MB from an early batch to the last of {leak.batches}")
    OUT.print(
        f"three phases, {whole.documents} documents: {_gb(whole.peak_gb)}, {whole.words_per_second:,.0f} words a second"
    )


def _sizes(each: "Measured") -> tuple[str, str, str]:
    return _gb(each.weights_gb), _gb(each.peak_gb), _gb(each.predicted_gb)


def _gb(value: float | None) -> str:
    return "memory ended" if value is None else f"{value:.2f} GB"


def _off(each: "Measured") -> str:
    if each.off_by is None:
        return "-"
    return f"{each.off_by:+.0%}" + ("" if abs(each.off_by) <= _WITHIN else f", more than {_WITHIN:.0%}")
