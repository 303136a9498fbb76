"""Work in several processes: children made by `fork`, which have what the parent has read and give back plain values.

Only where processes are forked safely: not on Windows, which cannot, and not on macOS, where system libraries may be in
the middle of something. Elsewhere `available` is 1, and everything is done in one process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def available() -> int:
    """How many processes can work at the same time on this machine."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_NUMBER = 4  # bytes of a number in a pipe
_MOST_NUMBERS = 1024  # in a pipe that nobody reads yet: one page, which Linux gives to users of many pipes, too


def dealt(count: int) -> Iterator[int]:
    """The numbers below `count`, each given once, to this process or one that it forks: to whoever asks next."""
    reading, writing = os.pipe()
    step = -(-count // _MOST_NUMBERS) or 1  # numbers that are taken together
    os.write(writing, b"".join(at.to_bytes(_NUMBER, "big") for at in range(0, count, step)))
    os.close(writing)

    def numbers() -> Iterator[int]:
        while taken := os.read(reading, _NUMBER):  # a pipe gives so few bytes as a whole
            at = int.from_bytes(taken, "big")
            yield from range(at, min(count, at + step))
        os.close(reading)

    return numbers()


class Worker:
    """A child process that computes one value. `result` may be asked for once."""

    def __init__(self, work: Callable[[], Any]) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)  # else a parent that dies leaves it writing for ever into its own pipe
            _work(work, writing)
        os.close(writing)
        self._reading: int | None = reading
        self.killed: int | None = None  # the signal that ended it

    def result(self) -> Any:
        """What the child computed, as JSON tells it; None when it came to its end before."""
        if self._reading is None:
            return None
        with open(self._reading, "rb") as file:
            self._reading = None
            data = file.read()
        _, status = os.waitpid(self.pid, 0)
        if status != 0:
            self.killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            return None
        try:
            return json.loads(data)
        except ValueError:
            return None

    def stop(self) -> None:
        """Ends the child, unless its result was taken."""
        if self._reading is None:
            return
        os.close(self._reading)
        self._reading = None
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(self.pid, 0)


class Crew:
    """Several workers at one work, as a context: none of them outlives it, whatever ends it."""

    def __init__(self, work: Callable[[], Any], count: int) -> None:
        self._work = work
        self._count = count
        self._workers: list[Worker] = []

    def __enter__(self) -> list[Worker]:
        try:
            for _ in range(self._count):
                self._workers.append(Worker(self._work))
        except BaseException:
            self.__exit__()
            raise
        return self._workers

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()


def _work(work: Callable[[], Any], writing: int) -> None:
    """The life of a child. It never returns: what is behind it in the parent's program is none of its business."""
    code = 1
    try:
        data = json.dumps(work(), separators=(",", ":")).encode()
        with open(writing, "wb") as file:
            file.write(data)
        code = 0
    except BaseException:  # noqa: BLE001, S110 - the parent does it again, and tells what is wrong
        pass
    finally:
        os._exit(code)
