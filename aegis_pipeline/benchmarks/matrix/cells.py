"""One cell: measured in as many processes as it has repeats, then scored."""

import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, cast

from aegis_pipeline.benchmarks.arms import arm_figures
from aegis_pipeline.benchmarks.matrix.axes import GOLD
from aegis_pipeline.benchmarks.matrix.files import CellFiles, scenario_documents
from aegis_pipeline.benchmarks.matrix.repeat import Repeat, Seconds
from aegis_pipeline.benchmarks.matrix.results import Cell, Cost, Counts, Figures, Quality, Spread, Status
from aegis_pipeline.benchmarks.matrix.variants import VARIANTS, Variant, served
from aegis_pipeline.benchmarks.provenance import provenance
from aegis_pipeline.benchmarks.scoring import GoldDocument, Prediction, load, score
from aegis_pipeline.errors import InputError, ModelError
from aegis_pipeline.settings import Settings

_PACKAGES = ("dagster", "lightrag-hku", "sentence-transformers", "spacy", "torch")


def variant_named(name: str) -> Variant:
    """The variant of that name.

    Raises:
        InputError: there is none.
    """
    if name not in VARIANTS:
        raise InputError(f"There is no variant {name!r}; valid are {', '.join(VARIANTS)}.")
    return VARIANTS[name]


def predict(variant: Variant, scenario: str, configured: Settings) -> str:
    """Measure a cell into its files; why it cannot be run here, or nothing.

    Raises:
        InputError: the scenario cannot be used.
        ModelError: a repeat failed.
    """
    files = CellFiles.of(configured, variant.name, scenario)
    files.clear()
    if scenario == GOLD and configured.benchmark_gold is None:
        reason = "no labelled documents are named: set BENCHMARK_GOLD."
    else:
        reason = variant.missing(configured)
    if reason:
        files.not_run.write_text(reason, encoding="utf-8")
        return reason
    files.write_gold(scenario_documents(scenario, configured))
    for number in range(configured.benchmark_repeats):
        _repeat(variant, files, number)
    return ""


def _repeat(variant: Variant, files: CellFiles, number: int) -> None:
    words = [variant.name, str(files.gold), str(files.repeat(number))]
    command = [sys.executable, "-m", "aegis_pipeline.benchmarks.matrix", *words]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)  # noqa: S603 - ours
    if ended.returncode:
        last = ended.stderr.strip().rpartition("\n")[2]
        raise ModelError(f"Repeat {number + 1} of {variant.name} ended with {ended.returncode}: {last}")


def score_cell(variant: Variant, scenario: str, configured: Settings) -> Cell:
    """A measured cell's figures, kept beside its repeats.

    Raises:
        LakeError: it has not been measured.
        ValueError: of which model the figures are is not proven.
    """
    files = CellFiles.of(configured, variant.name, scenario)
    base = {"variant": variant.name, "scenario": scenario, "command": _command(variant, scenario, configured)}
    if files.not_run.exists():
        reason = files.not_run.read_text(encoding="utf-8")
        cell = Cell(**base, status=Status.NOT_RUN, reason=reason)
    else:
        cell = Cell(**base, status=Status.MEASURED, figures=_figures(variant, files, configured))
    files.cell.write_text(cell.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return cell


def _command(variant: Variant, scenario: str, configured: Settings) -> str:
    words = ["--scenario", scenario, "--variant", variant.name, "--repeat", str(configured.benchmark_repeats)]
    if scenario == GOLD and configured.benchmark_gold:
        words += ["--gold", configured.benchmark_gold.name]
    elif scenario != GOLD:
        words += ["--seed", str(configured.benchmark_seed)]
    return f"aegis benchmark run {shlex.join(words)}"


def _figures(variant: Variant, files: CellFiles, configured: Settings) -> Figures:
    repeats, gold = files.repeats(), load(files.gold)
    last, model = repeats[-1], served(configured, variant)
    vram = [repeat.peak_vram_bytes for repeat in repeats if repeat.peak_vram_bytes is not None]
    settings = variant.settings(configured, configured.home)
    return Figures(
        documents=len(gold),
        words=sum(len(document["text"].split()) for document in gold.values()),
        failed=max(repeat.failed for repeat in repeats),
        degraded=max(repeat.degraded for repeat in repeats),
        load=_cost([repeat.load for repeat in repeats]),
        phases={name: _cost([repeat.phases[name] for repeat in repeats]) for name in last.phases},
        total=_cost([repeat.total for repeat in repeats]),
        peak_ram_bytes=max(repeat.peak_ram_bytes for repeat in repeats),
        peak_vram_bytes=max(vram, default=None),
        server_vram_bytes=model.vram_bytes if model else None,
        calls=last.calls,
        prompt_tokens=last.prompt_tokens,
        answer_tokens=last.answer_tokens,
        entities=last.entities,
        relations=last.relations,
        quality=quality(gold, last),
        machine=_machine(),
        versions={"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        made_with=provenance(settings, files.gold, f"0-{len(gold) - 1}"),
    )


def _cost(seconds: Sequence[Seconds]) -> Cost:
    def spread(values: list[float]) -> Spread:
        return Spread(values=tuple(round(value, 4) for value in values))

    return Cost(
        wall_seconds=spread([each.wall for each in seconds]), cpu_seconds=spread([each.cpu for each in seconds])
    )


def quality(gold: Mapping[str, GoldDocument], repeat: Repeat) -> Quality:
    """What was found against gold; spans and properties only of the three phases, names and pairs of either arm."""
    named = arm_figures(gold, repeat.found)
    own: dict[str, Any] = {}
    if repeat.lines:
        lines = {line["id"]: cast(Prediction, line) for line in repeat.lines}
        within = score(gold, lines)
        unrelated = {key: cast(GoldDocument, _without_relations(document)) for key, document in gold.items()}
        across = score(unrelated, lines)
        own = {
            "mentions": within.get("ner_span"),
            "identity": within.get("pairwise"),
            "identity_across": across.get("pairwise"),
            "relations": within.get("rel_soft"),
        }
    figures = {
        **own,
        "named_mentions": named.get("ner_span"),
        "named_identity": named.get("pairwise"),
        "related_pairs": named.get("rel_pair"),
    }
    return Quality(**{name: _counts(found) for name, found in figures.items() if found})


def _without_relations(document: GoldDocument) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "relations"}


def _counts(found: Mapping[str, Any]) -> Counts:
    rates = {"precision": found["p"], "recall": found["r"], "f1": found["f1"]}
    return Counts(tp=found["tp"], fp=found["fp"], fn=found["fn"], **rates)


def _machine() -> str:
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{platform.machine()}, {torch.get_num_threads()} threads, {gpu}"
