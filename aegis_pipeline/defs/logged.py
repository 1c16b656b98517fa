"""What the log says of a run's steps: every line of a step has the run's correlation id, the batch and the phase."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import TracebackType
from typing import Any

import dagster as dg

from aegis_pipeline.errors import AegisError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import CORRELATION_TAG, bound, event_log

Make = Callable[..., Any]
Check = Callable[..., dg.AssetCheckResult]
_log = event_log(__name__)


def phase(name: str) -> Callable[[Make], Make]:
    """For the function of an asset: its lines are those of phase ``name``, from its start to its end or failure."""

    def decorate(make: Make) -> Make:
        @wraps(make)
        def one(context: dg.AssetExecutionContext, **given: Any) -> Any:
            with _step(context, name):
                return make(context, **given)

        @wraps(make)
        def some(context: dg.AssetExecutionContext, **given: Any) -> Iterator[Any]:
            with _step(context, name):
                yield from make(context, **given)

        return some if inspect.isgeneratorfunction(make) else one

    return decorate


def gate(check: Check) -> Check:
    """For the function of a gate: what it found is logged, with its figures, and no text of its evidence."""

    @wraps(check)
    def logged(context: dg.AssetCheckExecutionContext, **given: Any) -> dg.AssetCheckResult:
        with bound(**_run_fields(context), phase="gate"):
            result = check(context, **given)
            _tell(check.__name__, result)
        return result

    return logged


def _run_fields(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> dict[str, str]:
    run = context.run
    batch = {"batch": context.partition_key} if context.has_partition_key else {}
    return {"correlation_id": run.tags.get(CORRELATION_TAG, run.run_id), "run_id": run.run_id, **batch}


@contextmanager
def _step(context: dg.AssetExecutionContext, name: str) -> Iterator[None]:
    attempt = context.op_execution_context.retry_number + 1
    with bound(**_run_fields(context), phase=name), ExitStack() as stack:
        stack.push(_failure_of(attempt))
        _log.info(Event.PHASE_START, attempt=attempt)
        yield


def _failure_of(
    attempt: int,
) -> Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], None]:
    def told(_kind: object, error: BaseException | None, _trace: object) -> None:
        cause = error.__cause__ if isinstance(error, dg.Failure) and error.__cause__ else error
        if isinstance(cause, Exception):
            ours = str(cause) if isinstance(cause, AegisError) else ""  # another's message may hold a document's text
            _log.critical(Event.PHASE_FAILED, attempt=attempt, error_type=type(cause).__name__, error=ours)

    return told


def _tell(name: str, result: dg.AssetCheckResult) -> None:
    values = {name: getattr(value, "value", value) for name, value in (result.metadata or {}).items()}
    evidence = {name: value for name, value in values.items() if isinstance(value, int | float)}
    if result.passed:
        _log.info(Event.GATE_PASSED, gate=name, evidence=evidence)
    elif result.severity is dg.AssetCheckSeverity.WARN:
        _log.warning(Event.GATE_WARNED, gate=name, evidence=evidence)
    else:
        _log.critical(Event.GATE_FAILED, gate=name, evidence=evidence)
