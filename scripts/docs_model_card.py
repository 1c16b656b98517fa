"""The card of the packaged reader: made from its own folder, docs/results/reader.json and ``model_card.md``."""

from pathlib import Path

from docs_reader import confidence, long_tail, main_figures
from docs_tables import result, table

from aegis_pipeline.reader.files import MANIFEST, PACKAGED, Manifest, ReaderFiles, Training

TEMPLATE = Path(__file__).parent / "model_card.md"


def model_card() -> tuple[Path, str] | None:
    """The card of the packaged reader; None where there is none."""
    if not (PACKAGED / MANIFEST).exists():
        return None
    files, found = ReaderFiles.read(PACKAGED), result("reader")
    template = TEMPLATE.read_text(encoding="utf-8")
    figures_of = "of this very reader" if found["sha256"] == files.manifest.sha256 else "of the same recipe"
    learned = files.manifest.training
    return PACKAGED / "README.md", template.format(
        properties=len(files.manifest.properties),
        train=learned.train,
        tune=learned.tune,
        data=learned.data.name,
        first_stage=_first_stage(learned),
        command=_command(learned),
        version=learned.version,
        figures_of=figures_of,
        figures=main_figures(found),
        confidence=confidence(found),
        decision=f"{files.manifest.decision:.2f}",
        least=f"{found['least confidence']:g}",
        long_tail=long_tail(found["properties"]),
        files=_files(files.folder, files.manifest),
        sources=_sources(learned),
    )


def _first_stage(learned: Training) -> str:
    if learned.partial is None:
        return ""
    return (
        f"The relation network first learned from `{learned.partial.name}`, short texts labelled for a few properties."
    )


def _command(learned: Training) -> str:
    partial = f" --partial {learned.partial.name}" if learned.partial else ""
    chosen = f"--train {learned.train} --tune {learned.tune} --folds {learned.folds} --seed {learned.seed}"
    return f"aegis train-reader {learned.data.name} --out DIR {chosen}{partial}"


def _files(folder: Path, manifest: Manifest) -> str:
    rows = [
        (f"`{name}`", f"{(folder / name).stat().st_size / 1e6:.1f} MB", f"`{sha}`")
        for name, sha in manifest.sha256.items()
    ]
    return table(["file", "size", "sha256"], rows)


def _sources(learned: Training) -> str:
    rows = [(f"`{one.name}`", f"`{one.sha256}`") for one in (learned.data, learned.partial) if one]
    return table(["data", "sha256"], rows)
