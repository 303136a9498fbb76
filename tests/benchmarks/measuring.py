"""Measures programs as a user's shell starts them: interleaved runs, medians and spread, CPU seconds, peak memory.

A plain module of the benchmark scripts; no test imports it. It keeps no large data itself: Linux counts the memory of
the process that starts a child as the child's own, up to its first instruction.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

_MAXRSS = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of `ru_maxrss`


class Command(NamedTuple):
    """One program with its arguments. `codes` are the exit codes that a good run has; `before` is called, unmeasured,
    in front of each run (to empty a cache).
    """

    name: str
    argv: tuple[str, ...]
    cwd: str = "."
    env: Mapping[str, str] = {}  # on top of the environment of this process, without its PYTHON… variables
    codes: tuple[int, ...] = (0, 1)
    before: Callable[[], object] | None = None


class Sample(NamedTuple):
    """One run. Times in seconds; `cpu` is user and system time with that of all children; `peak` is the resident memory
    of the largest single process, in bytes.
    """

    wall: float
    cpu: float
    peak: int


class Result(NamedTuple):
    """The runs of one command."""

    command: Command
    samples: tuple[Sample, ...]

    @property
    def wall(self) -> float:
        """The median wall time in seconds."""
        return statistics.median(one.wall for one in self.samples)

    @property
    def cpu(self) -> float:
        """The median CPU time in seconds."""
        return statistics.median(one.cpu for one in self.samples)

    @property
    def peak(self) -> int:
        """The highest peak of memory in bytes."""
        return max(one.peak for one in self.samples)

    def spread(self, of: str = "wall") -> tuple[float, float]:
        """The lowest and the highest value of `wall` or `cpu`, in seconds."""
        values = [getattr(one, of) for one in self.samples]
        return min(values), max(values)


class FailedRunError(Exception):
    """A measured program did not do its work, so that its time means nothing."""


def program(name: str) -> str | None:
    """Where a program is: beside this Python, else on the path; None when it is not installed."""
    return shutil.which(name, path=os.path.dirname(os.path.abspath(sys.executable))) or shutil.which(name)


def run_once(command: Command) -> Sample:
    """Runs a command to its end, its output thrown away. Raises FailedRunError for an unexpected exit code."""
    if command.before is not None:
        command.before()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | dict(command.env)
    started = time.perf_counter()
    child = subprocess.Popen(
        command.argv,
        cwd=command.cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if hasattr(os, "wait4"):
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        code = child.returncode = os.waitstatus_to_exitcode(status)
        sample = Sample(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * _MAXRSS)
    else:  # Windows tells neither: times are all there is
        code = child.wait()
        wall = time.perf_counter() - started
        sample = Sample(wall, wall, 0)
    if code not in command.codes:
        raise FailedRunError(f"{command.name}: exit code {code}: {' '.join(command.argv)[:200]} (in {command.cwd})")
    return sample


def interleaved(commands: Sequence[Command], *, rounds: int = 11, warm_up: int = 1) -> list[Result]:
    """The commands by turns, so that what else the machine does meets all alike; each round begins with another one.
    `warm_up` rounds come first and are not counted.
    """
    samples: list[list[Sample]] = [[] for _ in commands]
    for number in range(-warm_up, rounds):
        for step in range(len(commands)):
            at = (step + number) % len(commands)
            sample = run_once(commands[at])
            if number >= 0:
                samples[at].append(sample)
    return [Result(command, tuple(some)) for command, some in zip(commands, samples, strict=True)]


def milliseconds(seconds: float) -> str:
    """A time for a table."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def megabytes(size: int) -> str:
    """An amount of memory for a table, in millions of bytes."""
    return f"{size / 1e6:.0f} MB" if size else "-"


def spread(result: Result, of: str = "wall") -> str:
    """The lowest to the highest time, for a table."""
    low, high = result.spread(of)
    return f"{milliseconds(low)} to {milliseconds(high)}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned; the first one to the left, all others to the right."""
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(header))]

    def line(row: Sequence[str]) -> str:
        filled = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(filled)} |"

    rule = [("-" * width) if at == 0 else ("-" * (width - 1) + ":") for at, width in enumerate(widths)]
    return "\n".join([line(cells[0]), f"| {' | '.join(rule)} |", *(line(row) for row in cells[1:])]) + "\n"


def load() -> float:
    """How busy the machine is: the average number of running processes over the last minute; 0 where nobody tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
