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
    from collections.abc import Callable, Iterator, Sequence
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
_BLOCK = 65536  # bytes that are read or written at once


class Deal:
    """The numbers below `count`, each given once, to this process or one that it forks: to whoever asks next."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._reading, writing = os.pipe()
        self._step = -(-count // _MOST_NUMBERS) or 1  # numbers that are taken together
        os.write(writing, b"".join(at.to_bytes(_NUMBER, "big") for at in range(0, count, self._step)))
        os.close(writing)

    def __iter__(self) -> Iterator[int]:
        while taken := os.read(self._reading, _NUMBER):  # a pipe gives so few bytes as a whole
            at = int.from_bytes(taken, "big")
            yield from range(at, min(self._count, at + self._step))

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):
            os.close(self._reading)


class Line:
    """One end of a talk between two processes: values that JSON can hold, one after the other, in both directions."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self._come = bytearray()
        self._unsent = bytearray()
        os.set_blocking(writing, False)

    def tell(self, value: Any) -> None:
        """Says a value as far as the other end has room for it; the rest goes with the next one, or with `flush`.
        Raises OSError when the other end is gone.
        """
        data = json.dumps(value, separators=(",", ":")).encode()
        self._unsent += len(data).to_bytes(_NUMBER, "big") + data
        with suppress(BlockingIOError):
            self._send()

    def flush(self) -> None:
        """Waits until all is said. Raises OSError when the other end is gone."""
        if self._unsent:
            os.set_blocking(self._writing, True)
            self._send()
            os.set_blocking(self._writing, False)

    def _send(self) -> None:
        while self._unsent:
            del self._unsent[: os.write(self._writing, self._unsent[:_BLOCK])]

    def hear(self) -> Any:
        """The next value of the other end. Raises EOFError when it is gone."""
        self.flush()
        os.set_blocking(self._reading, True)
        while not self._whole():
            self._receive()
        return self._taken()

    def heard(self) -> Iterator[Any]:
        """What the other end has said until now, without waiting for more."""
        os.set_blocking(self._reading, False)
        with suppress(BlockingIOError, EOFError):
            while True:
                self._receive()
        while self._whole():
            yield self._taken()

    def _receive(self) -> None:
        data = os.read(self._reading, _BLOCK)
        if not data:
            raise EOFError
        self._come += data

    def _whole(self) -> bool:
        return len(self._come) >= self._end()

    def _end(self) -> int:
        """Where the next value ends, as far as that is known."""
        return _NUMBER + (int.from_bytes(self._come[:_NUMBER], "big") if len(self._come) >= _NUMBER else 0)

    def _taken(self) -> Any:
        end = self._end()
        data = self._come[_NUMBER:end]
        del self._come[:end]
        return json.loads(data)

    def close(self) -> None:
        """Leaves the talk."""
        os.close(self._reading)
        os.close(self._writing)


class Worker:
    """A child process that talks with this one while it works; the last that it says is what its work gives back.

    `earlier` are children whose ends of pipes it has no use for: as long as it held them, none of these would hear that
    this process is gone.
    """

    def __init__(self, work: Callable[[Line], Any], earlier: Sequence[Worker] = ()) -> None:
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            # else a parent that dies leaves it waiting for ever at its own pipes
            os.close(from_child)
            os.close(to_child)
            for one in earlier:
                one.leave()
            _work(work, from_parent, to_parent)
        os.close(from_parent)
        os.close(to_parent)
        self._line: Line | None = Line(from_child, to_child)
        self._gone = False  # whether it has ended, and this process has asked how
        self.killed: int | None = None  # the signal that ended it
        self.well = False  # whether it has come to its end, and has said all before

    def tell(self, value: Any) -> None:
        """Tells the child something that it waits for."""
        if self._line is not None:
            with suppress(OSError):  # it is gone, which is noticed when it should say something
                self._line.tell(value)
                self._line.flush()

    def hear(self) -> Any:
        """What the child says next; None when it has come to its end."""
        if self._line is None:
            return None
        try:
            return self._line.hear()
        except (EOFError, OSError, ValueError):
            self.leave()
            status = os.waitpid(self.pid, 0)[1]
            self._gone = True
            self.killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            self.well = status == 0
            return None

    def heard(self) -> Iterator[Any]:
        """What the child has said until now, without waiting for more."""
        with suppress(OSError, ValueError):
            if self._line is not None:
                yield from self._line.heard()

    def result(self) -> Any:
        """What the child's work gives back, when it says nothing before; None when it came to its end before."""
        value = self.hear()
        self.hear()
        return value if self.well else None

    def leave(self) -> None:
        """Closes this process's ends of the pipes."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def stop(self) -> None:
        """Ends the child, unless it has come to its end."""
        if self._gone:
            return
        # A Ctrl-C may come between the pipe's end and the child's: it is not gone before it has been waited for.
        if self._line is not None:
            self.leave()
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(self.pid, 0)
        self._gone = True


class Crew:
    """Several workers at one work, as a context: none of them outlives it, whatever ends it."""

    def __init__(self, work: Callable[[Line], Any], count: int) -> None:
        self._work = work
        self._count = count
        self._workers: list[Worker] = []

    def __enter__(self) -> list[Worker]:
        try:
            for _ in range(self._count):
                self._workers.append(Worker(self._work, self._workers))
        except BaseException:
            self.__exit__()
            raise
        return self._workers

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()


def _work(work: Callable[[Line], Any], reading: int, writing: int) -> None:
    """The life of a child. It never returns: what is behind it in the parent's program is none of its business."""
    code = 1
    try:
        line = Line(reading, writing)
        line.tell(work(line))
        line.flush()
        code = 0
    except BaseException:  # noqa: BLE001, S110 - the parent does it again, and tells what is wrong
        pass
    finally:
        os._exit(code)
