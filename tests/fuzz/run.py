"""The fuzzer: `python tests/fuzz/run.py --seconds 60 --seed 1 [--target compose]`.

It makes inputs, runs dlf's parsers, all rules, reporters and fixes on them, and fails when anything raises, takes more
than two seconds of CPU for an input of under 100 kB, or points outside of a file. What fails is cut down to what is
needed for it and kept as `fixtures/fuzz/TARGET-HASH.json`, which `tests/test_fuzz.py` runs from then on.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *([] if "dockerlint_fastapi" in sys.modules else [str(HERE.parents[1] / "src")])]

from material import Files, Maker  # noqa: E402 - found by the line above
from targets import TARGETS, Target  # noqa: E402 - likewise

KEPT = HERE.parents[1] / "fixtures" / "fuzz"
LONGEST = 2.0  # seconds of CPU for one input


class Hang(BaseException):  # not an Exception: what dlf catches of rules must not catch this
    """An input took too long."""


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def fault_of(target: Target, files: Files) -> str | None:
    """What goes wrong with an input, told by kind and place; None when nothing does."""
    signal.signal(signal.SIGPROF, _hang)
    signal.setitimer(signal.ITIMER_PROF, LONGEST * target.times)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            target.run(files)
        for one in told:
            return f"a warning reaches the terminal: {str(one.message)[:120]}, at {Path(one.filename).name}:0 {one.category.__name__}"
    except Hang as error:
        return f"takes more than {LONGEST * target.times} s, at {_place(error)}"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        words = str(error).splitlines()
        return f"{type(error).__name__}: {words[0][:120] if words else ''}, at {_place(error)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _place(error: BaseException) -> str:
    """The function where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "dockerlint_fastapi" in frame.filename or "/rules/" in frame.filename]
    last = (own or list(frames))[-1]
    return f"{Path(last.filename).name}:{last.lineno} {last.name}"


def kind_of(fault: str) -> str:
    """What two inputs have in common that fail alike."""
    what, _, where = fault.rpartition(", at ")
    return what.partition(":")[0] + " " + where.rpartition(" ")[2]


def smaller(target: Target, files: Files, fault: str, seconds: float = 20) -> Files:
    """The files with whatever can go taken away, as long as the same fault is there."""
    end = time.monotonic() + seconds
    kind = kind_of(fault)

    def same(candidate: Files) -> bool:
        found = fault_of(target, candidate) if time.monotonic() < end else None
        return found is not None and kind_of(found) == kind

    for path in sorted(files):
        fewer = {name: data for name, data in files.items() if name != path}
        if fewer and same(fewer):
            files = fewer
    for path in sorted(files):
        size = max(1, len(files[path]) // 2)
        while size and time.monotonic() < end:
            at = 0
            while at < len(files[path]):
                data = files[path][:at] + files[path][at + size :]
                if same(files | {path: data}):
                    files = files | {path: data}
                else:
                    at += size
            size //= 2
    return files


def keep(folder: Path, target: Target, files: Files, fault: str) -> Path:
    """Writes a failing input to a file."""
    content = {
        "target": target.name,
        "fault": fault,
        "files": {path: data.decode("latin-1") for path, data in files.items()},
    }
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target.name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.json"
    path.write_text(text, encoding="utf-8")
    return path


def kept(path: Path) -> tuple[Target, Files]:
    """A failing input that was kept."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return TARGETS[content["target"]], {name: text.encode("latin-1") for name, text in content["files"].items()}


class Result(NamedTuple):
    """What came of a run."""

    executions: dict[str, int]
    slowest: dict[str, float]
    faults: dict[tuple[str, str], tuple[str, Files, int]]


def fuzz(
    names: list[str], seed: int, *, seconds: float, executions: int | None = None, tell: Callable[[str], None] = print
) -> Result:
    """Runs targets in turn, by their shares of the time, until the seconds (or executions of each) are over."""
    counts, slowest = dict.fromkeys(names, 0), dict.fromkeys(names, 0.0)
    faults: dict[tuple[str, str], tuple[str, Files, int]] = {}
    spent = dict.fromkeys(names, 0.0)
    makers = {name: Maker(seed * 1000 + number) for number, name in enumerate(names)}
    begin = told = time.monotonic()
    while True:
        now = time.monotonic()
        if now - begin > seconds or (executions is not None and min(counts.values()) >= executions):
            break
        waiting = [name for name in names if executions is None or counts[name] < executions]
        name = min(waiting, key=lambda one: spent[one] / TARGETS[one].share)
        target = TARGETS[name]
        for _ in range(10):
            if executions is not None and counts[name] >= executions:
                break
            files = target.make(makers[name])
            used = time.process_time()
            fault = fault_of(target, files)
            used = time.process_time() - used
            counts[name] += 1
            slowest[name] = max(slowest[name], used)
            if fault is not None:
                key = (name, kind_of(fault))
                if key not in faults:
                    tell(f"{name}: {fault}")
                    faults[key] = (fault, files, 0)
                faults[key] = (*faults[key][:2], faults[key][2] + 1)
        spent[name] += time.monotonic() - now
        if now - told > 60:
            told = now
            gc.collect()
            tell(f"# {sum(counts.values())} executions, {len(faults)} faults after {now - begin:.0f} s")
    return Result(counts, slowest, faults)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--executions", type=int, help="of each target, instead of a time")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS))
    parser.add_argument("--keep", type=Path, default=KEPT, metavar="FOLDER", help="where failing inputs are put")
    parser.add_argument("--replay", type=Path, nargs="*", help="run kept inputs again")
    given = parser.parse_args()
    if given.replay is not None:
        found = {path: fault_of(*kept(path)) for path in given.replay or sorted(given.keep.glob("*.json"))}
        for path, fault in found.items():
            print(f"{path.name}: {fault or 'well'}", flush=True)
        return 1 if any(found.values()) else 0
    names = given.target or list(TARGETS)
    seconds = float("inf") if given.executions else given.seconds
    result = fuzz(
        names, given.seed, seconds=seconds, executions=given.executions, tell=lambda text: print(text, flush=True)
    )
    for name in names:
        print(f"{name:14} {result.executions[name]:8} executions, slowest {result.slowest[name]:.2f} s of CPU")
    print(f"{'together':14} {sum(result.executions.values()):8} executions, seed {given.seed}")
    for (name, _), (fault, files, times) in result.faults.items():
        target = TARGETS[name]
        path = keep(given.keep, target, smaller(target, files, fault), fault)
        print(f"FAULT {name} ({times} times): {fault}\n      kept as {path}")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
