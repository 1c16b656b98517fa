"""Profiling of models: with a meter that is told on any machine, with the real one where there is a GPU."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from aegis_pipeline.benchmarks.gpu_profile import (
    WORKLOADS,
    CudaMeter,
    Meter,
    Workload,
    generated_documents,
    leak_of,
    measured,
    pipeline_peak,
)
from aegis_pipeline.benchmarks.gpu_profile.workloads import gemma_config
from aegis_pipeline.cli.main import app
from aegis_pipeline.records import Document

GB = 10**9
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no NVIDIA GPU here")


class ToldMeter:
    """A device whose memory the work itself sets."""

    device = "told"

    def __init__(self) -> None:
        self.now = self.most = 0

    def held(self) -> int:
        return self.now

    def begin(self) -> None:
        self.most = self.now

    def peak(self) -> int:
        return self.most

    def end_of_work(self) -> None:
        """Nothing waits."""

    def clean_up(self) -> None:
        """Nothing is held beside tensors."""


def workload(meter: ToldMeter, *, leaks: int = 0, room: int = 100 * GB) -> Workload:
    """2 GB of weights and 1 GB a text."""

    def make(_device: str) -> object:
        meter.now += 2 * GB

        def work(batch: int) -> None:
            meter.now += leaks
            if meter.now + batch * GB > room:
                raise RuntimeError("CUDA out of memory")
            meter.most = max(meter.most, meter.now + batch * GB)

        return work

    return Workload("told", "random", make, lambda batch: 2.4 + batch)  # type: ignore[arg-type]


def test_weights_peak_and_prediction_of_each_batch_size() -> None:
    meter = ToldMeter()
    meter.now = GB  # another model is there already
    found = list(measured(workload(meter), [4, 1], meter))
    assert [(each.batch, each.weights_gb, each.peak_gb) for each in found] == [(1, 2, 4), (4, 2, 7)]
    assert [round(each.off_by or 0, 3) for each in found] == [-0.15, -0.086]
    assert all((each.tokens_per_second or 0) > 0 for each in found)


def test_where_memory_ends_is_told_and_nothing_larger_is_tried() -> None:
    meter = ToldMeter()
    found = list(measured(workload(meter, room=5 * GB), [1, 4, 8], meter))
    assert [(each.batch, each.peak_gb) for each in found] == [(1, 3), (4, None)]
    assert found[-1].off_by is None


def test_another_error_is_not_taken_for_the_end_of_memory() -> None:
    def broken(_batch: int) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    odd = Workload("odd", "random", lambda _device: broken, float)
    with pytest.raises(RuntimeError, match="shapes"):
        list(measured(odd, [1], ToldMeter()))


@pytest.mark.parametrize(("leaks", "grown"), [(0, 0), (GB // 100, 1.8)])
def test_a_leak_is_seen(leaks: int, grown: float) -> None:
    meter = ToldMeter()
    found = leak_of(workload(meter, leaks=leaks), 1, 200, meter)
    assert found.late_gb - found.early_gb == pytest.approx(grown)


@pytest.mark.models
def test_architectures_have_the_size_of_the_models_that_they_stand_for() -> None:
    """Parameters as the models' cards have them; on torch's device without memory."""
    from transformers import Gemma3ForCausalLM

    with torch.device("meta"):
        parameters = sum(each.numel() for each in Gemma3ForCausalLM(gemma_config()).parameters())
    assert parameters == pytest.approx(3.88e9, rel=0.01)  # 4.3e9 with the 0.42e9 of its eyes


@pytest.mark.models
def test_what_reads_texts_runs_on_a_cpu_too() -> None:
    encoder, transformer, _ = WORKLOADS
    encoder.make("cpu")(2)
    transformer.make("cpu")(2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_what_it_needs(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["gpu-profile", "--out", str(tmp_path / "gpu.json")])
    assert "NVIDIA card" in str(result.exception)
    assert not (tmp_path / "gpu.json").exists()


def test_peak_of_the_whole_pipeline_and_its_words() -> None:
    meter = ToldMeter()

    def extract(documents: Sequence[Document]) -> None:
        meter.most = len(documents) * GB

    documents = [Document(name, name, "three short words", "") for name in "ab"]
    found = pipeline_peak(extract, documents, meter)
    assert (found.documents, found.words, found.peak_gb) == (2, 6, 2)
    assert found.words_per_second > 0
    assert len(generated_documents(1)) == 50


@pytest.mark.gpu
@needs_gpu
def test_real_card_holds_what_the_meter_says(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    options = ["--out", str(out), "--batch", "1", "--batch", "8", "--batches", "20"]
    result = CliRunner().invoke(app, ["gpu-profile", *options])
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert all(each["peak_gb"] >= each["weights_gb"] for each in found["models"])
    assert found["pipeline"]["peak_gb"] > 0
    assert all(abs(leak["late_gb"] - leak["early_gb"]) < 0.01 for leak in found["leaks"])


@pytest.mark.gpu
@needs_gpu
def test_encoder_goes_on_below_a_real_cap_of_memory() -> None:
    """With no memory left beside its weights, texts go to the CPU, and their vectors are the same."""
    from aegis_pipeline.models.halving import halved_so_far
    from aegis_pipeline.models.loading import load_encoder
    from aegis_pipeline.settings import settings

    encoder = load_encoder(settings().encoder_model, device="cuda")
    texts = [" ".join(["word"] * 200) + f" {number}" for number in range(64)]
    wanted, before = encoder.encode(texts, 64), halved_so_far()
    meter: Meter = CudaMeter("cuda")
    meter.clean_up()
    total = torch.cuda.get_device_properties("cuda").total_memory
    torch.cuda.set_per_process_memory_fraction((meter.held() + 30e6) / total)
    try:
        found = encoder.encode(texts, 64)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert halved_so_far() > before
    assert abs(found - wanted).max() < 1e-4
