"""How the time of `dlf fleet` falls with workers: one source of generated repositories, whole runs, by turns.

    python tests/benchmarks/fleet.py [REPOSITORIES] [ROUNDS] [WORKERS ...]     # 400 2 1 2

A run on one repository costs what Ray needs to start and to end; what is left of a run is the linting. Speed is told of
the lowest times, which other work on the machine has lengthened least. A plain module; no test imports it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from generated import write
from measuring import Command, Result, interleaved, load, megabytes, milliseconds, spread, table

TODAY = "2026-11-22"
FILES = 4  # linted files in a generated repository: a compose file and three Dockerfiles, each with its program


def commands(folder: str, repositories: int, workers: list[int]) -> list[Command]:
    """The runs: a fresh one for each number of workers, one with nothing left to do, and one on a single repository."""
    write("repositories", repositories * FILES, os.path.join(folder, "generated"))
    source = os.path.join(folder, "source")
    os.makedirs(source)
    for word in sorted(os.listdir(os.path.join(folder, "generated"))):
        shutil.move(os.path.join(folder, "generated", word), os.path.join(source, word))
    empty = os.path.join(folder, "empty")
    os.makedirs(empty)

    def command(name: str, source: str, count: int, *, again: str = "") -> Command:
        output = os.path.join(folder, "out", (again or name).replace(" ", "-"))
        arguments = ("fleet", source, "--output", output, "--workers", str(count), "--today", TODAY, "--isolated", "-q")
        return Command(
            name,
            (sys.executable, "-m", "dockerlint_fastapi", *arguments),
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            codes=(0,),
            before=None if again else (lambda: shutil.rmtree(output, ignore_errors=True)),
        )

    # nothing to lint starts no Ray: one small repository does
    one = os.path.join(empty, "one")
    os.makedirs(os.path.join(one, ".git"))
    with open(os.path.join(one, "Dockerfile"), "w", encoding="utf-8") as file:
        file.write("FROM scratch\n")
    runs = [command(f"{count} worker{'s' * (count > 1)}", source, count) for count in workers]
    done = command("nothing left to do", source, workers[-1], again=runs[-1].name)
    return [command("1 repository", empty, 1), *runs, done]


def rows(results: list[Result], repositories: int) -> list[list[str]]:
    """A row a run: its time, that without Ray's own start and end, and how that compares with the first number."""
    floor = results[0].spread()[0]
    first = results[1].spread()[0] - floor
    told = []
    for one in results:
        own = one.spread()[0] - floor
        measured = one in results[1:-1] and own > 0
        told.append(
            [
                one.command.name,
                milliseconds(one.wall),
                spread(one),
                milliseconds(own) if measured else "-",
                f"{repositories / own:.0f}" if measured else "-",
                f"{first / own:.2f}" if measured else "-",
                megabytes(one.peak),
            ]
        )
    return told


def main() -> None:
    """Measures and prints."""
    repositories = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    workers = [int(one) for one in sys.argv[3:]] or [1, 2]
    busy = load()
    with tempfile.TemporaryDirectory() as folder:
        made = commands(folder, repositories, workers)
        results = interleaved(made, rounds=rounds, warm_up=0)
    header = [
        "run",
        "median",
        "lowest to highest",
        "without Ray's start",
        "repositories a second",
        "speed-up",
        "memory",
    ]
    print(f"{repositories} repositories of {FILES} linted files each\n")
    print(table(header, rows(results, repositories)), end="")
    print(f"\n{rounds} rounds; load of the machine {busy:.1f} before, {load():.1f} after")


if __name__ == "__main__":
    main()
