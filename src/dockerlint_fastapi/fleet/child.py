"""The process in which repositories are linted, one after another: whatever one of them does to it, no more is lost.

It is started by `isolation`, and speaks with it through its standard input and output: frames of JSON, each after its
length in four bytes. The first frame is the plan; each further one a repository, answered by its rows.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import signal
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

from dockerlint_fastapi import __version__, plugins
from dockerlint_fastapi.api import as_document, lint_tree
from dockerlint_fastapi.config import ConfigError
from dockerlint_fastapi.fleet import SourceError
from dockerlint_fastapi.fleet.plan import Plan, unpacked
from dockerlint_fastapi.fleet.reading import opened
from dockerlint_fastapi.fleet.sources import Origin

if TYPE_CHECKING:
    from dockerlint_fastapi.rule import Rule

LENGTH = struct.Struct(">I")
_GRACE = 5  # seconds after the limit in which whoever started this process should have ended it


def serve() -> None:
    """Answers until its input ends."""
    into, out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):  # whatever a rule prints must not get between the frames
        os.dup2(nothing, descriptor)
    _end_with_parent()
    first = _received(into)
    if first is None:
        return
    plan = unpacked(first["plan"])
    rules = _rules(plan, first["scratch"])
    gc.freeze()
    _send(out, {"ready": True})
    while (asked := _received(into)) is not None:
        repo, kind, place, groups = asked["origin"]
        if hasattr(signal, "alarm"):
            signal.alarm(int(plan.seconds) + _GRACE)
        origin = Origin(repo, kind, place, tuple((path, group) for path, group in groups))
        answer = linted(origin, plan, rules, asked["scratch"])
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        _send(out, answer)


def linted(origin: Origin, plan: Plan, rules: tuple[Rule, ...], scratch: str) -> dict[str, Any]:
    """The rows of one repository: its findings, and how it went."""
    begun = time.perf_counter()
    error: str | None = None
    document: dict[str, Any] = {"findings": [], "files": [], "notices": [], "failures": [], "summary": {}}
    try:
        with opened(origin, scratch) as tree:
            document = as_document(lint_tree(tree, plan.choices, today=plan.today, rules=rules))
    except SourceError as problem:
        error = str(problem)
    except ConfigError as problem:
        error = f"its configuration cannot be used: {problem}"
    except MemoryError:
        error = "took more memory than there is"
    except Exception as problem:  # noqa: BLE001 - one repository is one row, whatever it is
        error = f"a fault of dlf: {type(problem).__name__}: {problem}"
    broken = [f"{one['rule'] or 'a parser'}: {one['path'] or ''}: {one['error']}" for one in document["failures"]]
    if broken and error is None:
        error = f"not everything could be linted: {broken[0]}" + (f" and {len(broken) - 1} more" if broken[1:] else "")
    return {
        "findings": [row(origin.repo, one) for one in document["findings"]],
        "status": status(origin, plan, document, error, time.perf_counter() - begun),
    }


def row(repo: str, entry: dict[str, Any]) -> dict[str, Any]:
    """A finding of the JSON report as a row."""
    fix = entry["fix"]
    kept = {key: value for key, value in entry.items() if key != "fix"}
    return {
        "repo": repo,
        **kept,
        "fixable": None if fix is None else fix["applicability"],
        "fix_title": None if fix is None else fix["title"],
    }


def status(origin: Origin, plan: Plan, document: dict[str, Any], error: str | None, seconds: float) -> dict[str, Any]:
    """How it went with a repository, as a row."""
    summary = document["summary"]
    return {
        "repo": origin.repo,
        "status": "ok" if error is None else "error",
        "error": None if error is None else error[:2000].encode("utf-8", "backslashreplace").decode(),
        "files": len(document["files"]),
        "findings": len(document["findings"]),
        "errors": summary.get("error", 0),
        "warnings": summary.get("warning", 0),
        "infos": summary.get("info", 0),
        "suppressed": summary.get("suppressed", 0),
        "seconds": round(seconds, 3),
        "source": origin.kind,
        "dlf_version": __version__,
        "settings": plan.hash,
        "today": plan.today,
    }


def _rules(plan: Plan, scratch: str) -> tuple[Rule, ...]:
    """The rules of the run; folders of rules that came with the plan are written out beside each other."""
    folders: list[str] = []
    for number, files in enumerate(plan.rules):
        folder = os.path.join(scratch, f"rules-{number}")
        os.makedirs(folder, exist_ok=True)
        for name, text in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(base64.b64decode(text))
        folders.append(folder)
    return plugins.load(folders, installed=plan.plugins and not plan.choices.isolated)


def _received(descriptor: int) -> Any:
    """The next frame; None at the end."""
    head = _exactly(descriptor, LENGTH.size)
    if head is None:
        return None
    data = _exactly(descriptor, LENGTH.unpack(head)[0])
    return None if data is None else json.loads(data)


def _exactly(descriptor: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(descriptor: int, value: Any) -> None:
    data = json.dumps(value, separators=(",", ":")).encode()
    data = LENGTH.pack(len(data)) + data
    while data:
        data = data[os.write(descriptor, data) :]


def _end_with_parent() -> None:
    """Has Linux end this process when the one that started it is gone, also from the midst of a repository."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)
