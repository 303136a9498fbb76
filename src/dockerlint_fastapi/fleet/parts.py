"""What a run writes: parts of Parquet, each whole or not there at all, from which a later run knows what is done.

A unit of repositories becomes two files of one name, first `findings/`, then `status/`. The second makes it count:
findings without a status beside them are of a run that was broken off, and are taken away.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dockerlint_fastapi.fleet import FleetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FINDINGS, STATUS, SUMMARY, RUN = "findings", "status", "summary.parquet", "run.json"
PREFIX = "part-"
TRIES = "tries"  # a file for each unit that was begun, a byte long for each time

_PLACE = [("path", pa.string()), ("line", pa.int32()), ("column", pa.int32())]
FINDINGS_SCHEMA = pa.schema(
    [
        pa.field("repo", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
        *_PLACE,
        ("end_line", pa.int32()),
        ("end_column", pa.int32()),
        ("notes", pa.list_(pa.struct([("message", pa.string()), *_PLACE]))),
        ("fixable", pa.string()),
        ("fix_title", pa.string()),
        ("stricter_than_guide", pa.bool_()),
        ("url", pa.string()),
    ]
)
STATUS_SCHEMA = pa.schema(
    [
        pa.field("repo", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        ("error", pa.string()),
        ("files", pa.int32()),
        ("findings", pa.int32()),
        ("errors", pa.int32()),
        ("warnings", pa.int32()),
        ("infos", pa.int32()),
        ("suppressed", pa.int32()),
        ("seconds", pa.float64()),
        ("source", pa.string()),
        ("dlf_version", pa.string()),
        ("settings", pa.string()),
        ("today", pa.string()),
    ]
)
SUMMARY_SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("category", pa.string()),
        ("findings", pa.int64()),
        ("errors", pa.int64()),
        ("warnings", pa.int64()),
        ("infos", pa.int64()),
        ("repositories", pa.int64()),
    ]
)


def write(output: str, unit: str, findings: list[dict[str, Any]], statuses: list[dict[str, Any]]) -> None:
    """Both files of a unit. Written once more, they take their own place."""
    for folder, rows, schema in ((FINDINGS, findings, FINDINGS_SCHEMA), (STATUS, statuses, STATUS_SCHEMA)):
        _whole(os.path.join(output, folder, f"{PREFIX}{unit}.parquet"), pa.Table.from_pylist(rows, schema=schema))


def _whole(path: str, table: pa.Table) -> None:
    """Writes a table beside its place, then moves it there."""
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    beside = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, beside, compression="zstd")
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _parts(output: str, folder: str) -> list[str]:
    try:
        names = os.listdir(os.path.join(output, folder))
    except FileNotFoundError:
        return []
    return sorted(name for name in names if name.startswith(PREFIX) and name.endswith(".parquet"))


def begun(output: str, unit: str) -> int:
    """How many times a unit was begun before this time, which is counted too."""
    folder = os.path.join(output, TRIES)
    os.makedirs(folder, exist_ok=True)
    descriptor = os.open(os.path.join(folder, unit), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        os.write(descriptor, b".")
        return os.fstat(descriptor).st_size - 1
    finally:
        os.close(descriptor)


def tidy(output: str) -> None:
    """Takes away what a run that was broken off has left half done."""
    done = set(_parts(output, STATUS))
    for name in _parts(output, FINDINGS):
        if name not in done:
            os.unlink(os.path.join(output, FINDINGS, name))
    tries = os.path.join(output, TRIES)
    if os.path.isdir(tries):
        for name in os.listdir(tries):
            os.unlink(os.path.join(tries, name))
        os.rmdir(tries)
    for folder in (FINDINGS, STATUS):
        with suppress(FileNotFoundError):
            for name in os.listdir(os.path.join(output, folder)):
                if name.startswith(f".{PREFIX}") and name.endswith(".tmp"):
                    os.unlink(os.path.join(output, folder, name))


def clear(output: str) -> None:
    """Takes away what an earlier run wrote, and nothing else."""
    for folder in (STATUS, FINDINGS):
        for name in _parts(output, folder):
            os.unlink(os.path.join(output, folder, name))
    for name in (SUMMARY, RUN):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(output, name))


def _tables(output: str, folder: str, columns: list[str]) -> Iterator[pa.Table]:
    """Some columns of every part."""
    for name in _parts(output, folder):
        path = os.path.join(output, folder, name)
        try:
            with pq.ParquetFile(path) as file:
                yield file.read(columns=columns, use_threads=False)
        except (OSError, KeyError, pa.ArrowException) as error:
            raise FleetError(f"{path}: is no part that dlf wrote: {error}; --restart begins anew") from error


def done(output: str) -> dict[str, str | None]:
    """The repositories that are done, each with its error."""
    found: dict[str, str | None] = {}
    for table in _tables(output, STATUS, ["repo", "status", "error"]):
        for repo, state, error in zip(*(table.column(at).to_pylist() for at in range(3)), strict=True):
            if repo in found:
                raise FleetError(f"{output}: {repo} is there twice; --restart begins anew")
            found[repo] = None if state == "ok" else error or "error"
    return found


def summarize(output: str) -> list[dict[str, Any]]:
    """What was found, by rule, the most frequent first; it is written to `summary.parquet` too."""
    counts: Counter[tuple[str, str, str]] = Counter()
    repositories: Counter[str] = Counter()
    for table in _tables(output, FINDINGS, ["rule", "category", "severity", "repo"]):
        for one in table.group_by(["rule", "category", "severity"]).aggregate([([], "count_all")]).to_pylist():
            counts[one["rule"], one["category"], one["severity"]] += one["count_all"]
        for one in table.group_by("rule").aggregate([("repo", "count_distinct")]).to_pylist():
            repositories[one["rule"]] += one["repo_count_distinct"]  # a repository is in one part only
    rows: dict[str, dict[str, Any]] = {}
    for (rule, category, severity), count in sorted(counts.items()):
        empty = {"rule": rule, "category": category, "findings": 0, "errors": 0, "warnings": 0, "infos": 0}
        row = rows.setdefault(rule, {**empty, "repositories": repositories[rule]})
        row["findings"] += count
        row[f"{severity}s"] += count
    ordered = sorted(rows.values(), key=lambda row: (-row["repositories"], -row["findings"], row["rule"]))
    _whole(os.path.join(output, SUMMARY), pa.Table.from_pylist(ordered, schema=SUMMARY_SCHEMA))
    return ordered


def empty(output: str) -> None:
    """Parts without rows, so that there is something to read where there was nothing to lint."""
    if not _parts(output, STATUS):
        write(output, "0" * 16, [], [])


def read_run(output: str) -> dict[str, Any] | None:
    """What `run.json` tells of the run that a folder is of; None when it is of none. Raises FleetError."""
    try:
        with open(os.path.join(output, RUN), encoding="utf-8") as file:
            told = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise FleetError(f"{os.path.join(output, RUN)}: cannot be read: {error}") from error
    if not isinstance(told, dict) or not isinstance(told.get("settings"), dict):
        raise FleetError(f"{os.path.join(output, RUN)}: is not what dlf wrote; give another --output")
    return told


def write_run(output: str, told: dict[str, Any]) -> None:
    """Writes `run.json`, whole or not at all. Raises OSError."""
    os.makedirs(output, exist_ok=True)
    beside = os.path.join(output, f".{RUN}.{os.getpid()}.tmp")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(told, file, indent=2)
        file.write("\n")
    os.replace(beside, os.path.join(output, RUN))


def foreign(output: str) -> Iterable[str]:
    """What stands in a folder that is of no run; names with a dot in front, such as of a lock, are nobody's results."""
    return sorted(name for name in os.listdir(output) if name[:1] != ".") if os.path.isdir(output) else ()
