"""A process that lints repositories, watched from outside: one that hangs, eats memory or dies costs itself alone."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import dockerlint_fastapi
from dockerlint_fastapi.fleet.child import LENGTH, status
from dockerlint_fastapi.fleet.scratch import Scratch

if TYPE_CHECKING:
    from dockerlint_fastapi.fleet.plan import Plan
    from dockerlint_fastapi.fleet.sources import Origin

PAUSE = 0.1  # seconds between two looks at a process's memory
START = 120.0  # seconds that it has to load dlf
LIFE = 2000  # repositories that one process lints
MAX_ANSWER = 1_000_000_000  # bytes
_PROGRAM = "from dockerlint_fastapi.fleet.child import serve; serve()"
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_EMPTY: dict[str, Any] = {"findings": [], "files": [], "summary": {}}


class _Over(Exception):  # noqa: N818 - why a process was ended
    """A limit was passed."""


class _Died(Exception):  # noqa: N818 - it ended by itself
    """The process is gone."""


class Keeper:
    """Lints repositories in a child process, and starts another when that is lost."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._scratch: Scratch | None = None

    def lint(self, origin: Origin) -> dict[str, Any]:
        """The rows of one repository, `findings` and `status`; an error row when it could not be linted."""
        begun = time.monotonic()
        for _ in range(2):
            try:
                return self._asked(origin)
            except _Over as over:
                self.close()
                error = str(over)
                break
            except (_Died, OSError) as died:
                self.close()
                error = f"the process that linted it {died or 'came to an end'}, twice"
        return {"findings": [], "status": status(origin, self._plan, _EMPTY, error, time.monotonic() - begun)}

    def close(self) -> None:
        """Ends the process and whatever it started."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(OSError):
                process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            process.wait()
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    def _asked(self, origin: Origin) -> dict[str, Any]:
        if self._process is not None and (self._done >= LIFE or self._process.poll() is not None):
            self.close()
        scratch = self._scratch
        if self._process is None or scratch is None:
            scratch = self._start()
        own = tempfile.mkdtemp(dir=scratch.path)
        try:
            self._send({"origin": origin, "scratch": own})
            answer = self._received(time.monotonic() + self._plan.seconds)
        finally:
            shutil.rmtree(own, ignore_errors=True)
        self._done += 1
        if not isinstance(answer, dict) or not isinstance(answer.get("status"), dict):
            raise _Died("gave no answer")
        return answer

    def _start(self) -> Scratch:
        scratch = self._scratch = Scratch()
        home = os.path.dirname(os.path.dirname(os.path.abspath(dockerlint_fastapi.__file__)))
        path = os.pathsep.join(one for one in (home, os.environ.get("PYTHONPATH")) if one)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM],
            env={**os.environ, "PYTHONPATH": path},
            cwd=scratch.path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        self._done = 0
        self._send({"plan": self._plan.packed(), "scratch": scratch.path})
        self._received(time.monotonic() + START, watched=False)
        return scratch

    def _send(self, value: Any) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise _Died
        data = json.dumps(value, separators=(",", ":")).encode()
        data = LENGTH.pack(len(data)) + data
        while data:
            data = data[os.write(process.stdin.fileno(), data) :]

    def _received(self, deadline: float, *, watched: bool = True) -> Any:
        """The next frame of the child. Raises _Over and _Died."""
        data = bytearray()
        wanted = LENGTH.size
        headed = False
        process = self._process
        if process is None or process.stdout is None:
            raise _Died
        descriptor = process.stdout.fileno()
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Over(f"took longer than {self._plan.seconds:g} seconds")
            ready, _, _ = select.select([descriptor], [], [], min(PAUSE, left))
            if watched and (size := _resident(process.pid)) > self._plan.memory:
                raise _Over(f"took {size // 1_000_000} MB of memory, more than {self._plan.memory // 1_000_000} MB")
            if not ready:
                continue
            part = os.read(descriptor, min(wanted - len(data), 1 << 20))
            if not part:
                code = process.wait()
                raise _Died(f"was ended by signal {-code}" if code < 0 else f"ended with {code}")
            data += part
            if len(data) < wanted:
                continue
            if headed:
                return json.loads(data)
            wanted, headed = LENGTH.unpack(data)[0], True
            if wanted > MAX_ANSWER:
                raise _Over(f"has findings of {wanted} bytes")
            data.clear()


def _resident(pid: int) -> int:
    """The bytes of memory that a process holds; 0 where that cannot be told."""
    try:
        file = os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(file, 200).split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
    finally:
        os.close(file)
