"""``aegis``: the commands, gathered. Heavy imports happen inside a command, so that ``--help`` is quick."""

import typer

from aegis_pipeline.cli import (
    audit,
    benchmark,
    changes,
    compare,
    console,
    doctor,
    explain,
    extract,
    gpu_profile,
    inspect,
    measure,
    monitor,
    query,
    rebuild,
    remove,
    retry,
    run,
    train,
    ui,
)

app = typer.Typer(
    name="aegis",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="A folder of documents becomes a knowledge graph that people can trust.",
    epilog="Settings come from the environment or .env; docs/settings.md lists them. Everything lies under AEGIS_HOME.",
)
app.callback()(console.set_up)
app.command("run")(run.run)
app.command("demo")(run.demo)
app.command("retry")(retry.retry)
app.command("remove")(remove.remove)
app.command("query")(query.query)
app.command("manifest")(inspect.manifest)
app.command("graph")(inspect.graph)
app.command("explain")(explain.explain)
app.command("changes")(changes.changes)
app.command("audit")(audit.audit)
app.command("rebuild")(rebuild.rebuild)
app.command("compare")(compare.compare)
app.command("extract")(extract.extract)
app.command("score")(extract.score)
app.command("measure")(measure.measure)
app.add_typer(benchmark.app)
app.command("gpu-profile")(gpu_profile.gpu_profile)
app.command("train-reader")(train.train_reader)
app.command("doctor")(doctor.doctor)
app.command("ui")(ui.ui)
app.command("monitor")(monitor.monitor)


def main() -> None:
    """Entry point of the ``aegis`` script."""
    console.run(app)
