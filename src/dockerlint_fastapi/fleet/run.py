"""The run itself: Ray Data spreads units of repositories over processes and machines, each unit writes its own parts.

A part counts from the moment that it is there under its name, whoever wrote it: so what Ray does twice is written once,
and what is missing at the end is known. Repositories whose worker was lost again and again are linted once more, each
in a task of its own; the one that is at fault gets an error row.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import os
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from dockerlint_fastapi.fleet import FleetError, parts
from dockerlint_fastapi.fleet.child import status
from dockerlint_fastapi.fleet.isolation import Keeper
from dockerlint_fastapi.fleet.plan import unpacked
from dockerlint_fastapi.fleet.sources import Origin, found, parquet_files, scattered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dockerlint_fastapi.fleet.plan import Plan

MOST = 100  # repositories in a unit: what a broken-off run loses at most, for each worker
SHARES = 8  # units for each worker, so that none is idle for long at the end
OBJECTS = 128 * 1024 * 1024  # bytes of Ray's object store on this machine: only names and counts go through it
TRIES = 2  # times that a unit is begun before its repositories are told apart
SORTED = "sorted"  # the folder of a source whose rows had to be brought together

_EMPTY: dict[str, Any] = {"findings": [], "files": [], "summary": {}}
_keepers: dict[str, Keeper] = {}  # of this process of Ray


class Total(NamedTuple):
    """How a run ended."""

    repositories: int
    before: int  # of them, those that an earlier run had done
    errors: dict[str, str]  # by repository
    rules: list[dict[str, Any]]  # rows of the summary


class Cluster:
    """Ray, started here or joined where it runs, for as long as the context lasts."""

    def __init__(self, workers: int, address: str | None) -> None:
        self.workers = workers
        self._address = address
        self._started = False

    def __enter__(self) -> Self:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray  # noqa: PLC0415 - of the extra
            import ray.data  # noqa: PLC0415

            _settle_http()
            if not ray.is_initialized():
                self._started = True
                quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
                here = {"num_cpus": self.workers, "object_store_memory": OBJECTS, "include_dashboard": False}
                try:
                    ray.init(address=self._address or "local", **quiet, **(here if self._address is None else {}))
                except (ConnectionError, ValueError, RuntimeError, OSError) as error:
                    where = f"the cluster at {self._address} cannot be joined" if self._address else "cannot be started"
                    raise FleetError(f"Ray: {where}: {error}") from error
            context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        return self

    def __exit__(self, *_: object) -> None:
        if self._started:
            import ray  # noqa: PLC0415 - of the extra

            ray.shutdown()


def _settle_http() -> None:
    """Tries once whether fsspec can read over HTTP, for which it needs aiohttp, and has it known when it cannot.

    Ray asks that from several threads, and takes ModuleNotFoundError for an answer. But a thread that asks while
    another one is at it finds the module half imported, which is an ImportError: the run would end.
    """
    try:
        import_module("fsspec.implementations.http")  # fsspec comes with Ray Data
    except ImportError:
        absent: dict[str, Any] = {"fsspec.implementations.http": None}  # importing what is None here fails at once
        sys.modules.update(absent)


def run(
    source: str,
    output: str,
    plan: Plan,
    *,
    workers: int,
    address: str | None = None,
    told: Callable[[int, int, int], None] = lambda *_: None,
) -> Total:
    """Lints every repository of a source that is not yet done in `output`. Raises FleetError.

    `told` is called with how many repositories are done, how many there are, and how many are error rows.
    """
    output = os.path.abspath(output)
    parts.tidy(output)
    done = parts.done(output)
    origins = found(source)
    waiting = [one for one in origins if one.repo not in done]
    errors = sum(error is not None for error in done.values())
    told(len(done), len(origins), errors)
    if waiting:
        with Cluster(workers, address):
            if scattered(waiting):
                waiting = _brought_together(source, output, waiting)
            finished = len(done)
            for count, failed in _linted(waiting, output, plan, workers):
                finished, errors = finished + count, errors + failed
                told(finished, len(origins), errors)
            done = parts.done(output)
            left = [one for one in waiting if one.repo not in done]
            if left:
                for count, failed in _one_by_one(left, output, plan, workers):
                    finished, errors = finished + count, errors + failed
                    told(finished, len(origins), errors)
    parts.tidy(output)
    _forget_sorted(output)
    parts.empty(output)
    done = parts.done(output)
    missing = [one.repo for one in origins if one.repo not in done]
    if missing:
        raise FleetError(
            f"{len(missing)} of {len(origins)} repositories are not done, the first {missing[0]}; run again"
        )
    return Total(
        len(origins),
        len(origins) - len(waiting),
        {repo: error for repo, error in sorted(done.items()) if error is not None},
        parts.summarize(output),
    )


def units(origins: Sequence[Origin], workers: int, seed: str) -> list[tuple[str, list[Origin]]]:
    """The repositories in units, each with a name that tells its content. Those of one row group stay together."""
    size = max(1, min(MOST, -(-len(origins) // (workers * SHARES))))
    ordered = sorted(origins, key=lambda one: (one.groups[:1], one.repo))
    made: list[tuple[str, list[Origin]]] = []
    for at in range(0, len(ordered), size):
        some = ordered[at : at + size]
        name = hashlib.sha256(json.dumps([seed, *(one.repo for one in some)]).encode()).hexdigest()[:16]
        made.append((name, some))
    return made


def lint_unit(row: dict[str, Any], output: str, plan: str) -> dict[str, Any]:
    """Lints one unit in a worker of Ray, and writes its parts. One that has lost its workers so far is left alone."""
    if row["tries"] and parts.begun(output, row["unit"]) >= TRIES:
        return {"done": 0, "errors": 0}
    keeper = _keepers.get(plan)
    if keeper is None:
        for other in _keepers.values():
            other.close()
        _keepers.clear()
        keeper = _keepers[plan] = Keeper(unpacked(plan))
        atexit.register(keeper.close)
    findings: list[dict[str, Any]] = []
    statuses: list[dict[str, Any]] = []
    for repo, kind, place, groups in json.loads(row["origins"]):
        answer = keeper.lint(Origin(repo, kind, place, tuple((path, group) for path, group in groups)))
        findings += answer["findings"]
        statuses.append(answer["status"])
    parts.write(output, row["unit"], findings, statuses)
    return {"done": len(statuses), "errors": sum(one["status"] == "error" for one in statuses)}


def _row(name: str, origins: Sequence[Origin], *, tries: bool) -> dict[str, Any]:
    return {"unit": name, "tries": tries, "origins": json.dumps(origins)}


def _linted(origins: Sequence[Origin], output: str, plan: Plan, workers: int) -> Iterator[tuple[int, int]]:
    """Has Ray Data lint units. When Ray gives up, so does this: what is not done is seen by what is not written."""
    import ray.data  # noqa: PLC0415 - of the extra
    from ray.data import TaskPoolStrategy  # noqa: PLC0415
    from ray.exceptions import RayError  # noqa: PLC0415

    rows = [_row(name, some, tries=True) for name, some in units(origins, workers, plan.hash)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own, of settings that nobody made
        dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            lint_unit,
            fn_kwargs={"output": output, "plan": plan.packed()},
            compute=TaskPoolStrategy(size=min(workers, len(rows))),
            num_cpus=1,
            max_retries=TRIES + 1,
        )
        rows_done = iter(dataset.iter_rows())
    try:
        for row in rows_done:
            yield row["done"], row["errors"]
    except RayError as error:
        _full_disk(error)


def _full_disk(error: BaseException) -> None:
    """Raises FleetError when a worker could not write: no repository is at fault then."""
    cause: BaseException | None = error
    while cause is not None:
        inner = getattr(cause, "cause", None)
        if isinstance(cause, OSError) or isinstance(inner, OSError):
            raise FleetError(f"a worker could not write: {inner if isinstance(inner, OSError) else cause}") from error
        cause = inner if isinstance(inner, BaseException) else cause.__cause__


def _one_by_one(origins: Sequence[Origin], output: str, plan: Plan, workers: int) -> Iterator[tuple[int, int]]:
    """Has each repository linted by a task of its own; the one that loses its worker again gets an error row."""
    import ray  # noqa: PLC0415 - of the extra
    from ray.exceptions import RayError  # noqa: PLC0415

    task = ray.remote(num_cpus=1, max_retries=1)(lint_unit)
    waiting = [(name, some[0]) for one in reversed(origins) for name, some in units([one], 1, plan.hash)]
    packed = plan.packed()
    running: dict[Any, tuple[str, Origin]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            name, one = waiting.pop()
            reference = task.remote(_row(name, [one], tries=False), output, packed)
            running[reference] = name, one
        ready, _ = ray.wait(list(running))
        for reference in ready:
            name, one = running.pop(reference)
            try:
                answer = ray.get(reference)
            except RayError as error:
                _full_disk(error)
                message = "the worker of Ray that linted it died, again and again"
                parts.write(output, name, [], [status(one, plan, _EMPTY, message, 0.0)])
                answer = {"done": 1, "errors": 1}
            yield answer["done"], answer["errors"]


def _brought_together(source: str, output: str, waiting: Sequence[Origin]) -> list[Origin]:
    """The same repositories in a copy of the source that is sorted by repository, made by Ray Data."""
    import ray.data  # noqa: PLC0415 - of the extra

    folder = os.path.join(output, SORTED)
    if not os.path.isdir(folder):
        beside = f"{folder}.{os.getpid()}.tmp"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ray.data.read_parquet(parquet_files(source)).sort("repo").write_parquet(beside)
        os.replace(beside, folder)
    names = {one.repo for one in waiting}
    return [one for one in found(folder) if one.repo in names]


def _forget_sorted(output: str) -> None:
    """Takes that copy away."""
    folder = os.path.join(output, SORTED)
    if os.path.isdir(folder):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
