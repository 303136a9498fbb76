"""All benchmarks in one command: `python tests/benchmarks/run.py [--quick] [--only a,b,c,d,e] [--write]`.

It prints a table each for (a) cold start, (b) throughput, (c) growth, (d) two processes, (e) an unchanged re-run;
`--write` puts them between the marks in docs/performance.md. The other linters are in the dependency group `bench`; one
that is not installed is left out. Where no `dlf` is installed beside this Python, the checkout's is measured.
"""

from __future__ import annotations

import argparse
import glob
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import cold
from measuring import Command, Result, interleaved, load, megabytes, milliseconds, program, run_once, spread, table

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(ROOT, "docs", "performance.md")
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def dlf(name: str, cwd: str, *arguments: str, before: Callable[[], object] | None = None) -> Command:
    """A run of `dlf check` in one process without a cache, unless the arguments say otherwise."""
    installed = program("dlf")
    argv = (installed,) if installed else (sys.executable, "-m", "dockerlint_fastapi")
    environment = {} if installed else {"PYTHONPATH": os.path.join(ROOT, "src")}
    return Command(name, (*argv, "check", *arguments), cwd, environment, before=before)


ALONE = ("--no-cache", "--jobs", "1")


def made(folder: str, kind: str, count: int) -> str:
    """A directory with generated files, made by a process of its own: this one has to stay small."""
    where = os.path.join(folder, f"{kind}-{count}")
    if not os.path.isdir(where):
        subprocess.run([sys.executable, os.path.join(HERE, "generated.py"), kind, str(count), where], check=True)
    return where


def throughput(folder: str, count: int, rounds: int, warm_up: int = 1) -> str:
    """(b) CPU seconds for many files in one process, beside hadolint and compose-lint."""
    dockerfiles, compose = made(folder, "dockerfiles", count), made(folder, "compose_files", count)
    commands = [dlf("dlf, Dockerfiles", dockerfiles, *ALONE), dlf("dlf, compose files", compose, *ALONE)]
    for name, where, pattern in (("hadolint", dockerfiles, "Dockerfile"), ("compose-lint", compose, "compose.yaml")):
        if (path := program(name)) is not None:
            files = sorted(glob.glob(f"*/*/{pattern}", root_dir=where))
            commands.append(Command(name, (path, *files), where))
    results = interleaved(commands, rounds=rounds, warm_up=warm_up)
    cpu = {one.command.name: one.cpu for one in results}
    peers = {"dlf, Dockerfiles": "hadolint", "dlf, compose files": "compose-lint"}
    rows = []
    for one in results:
        peer = peers.get(one.command.name)
        ratio = f"{cpu[peer] / one.cpu:.1f}x {peer}" if peer in cpu else ""
        rows.append([one.command.name, milliseconds(one.cpu / count), spread(one, "cpu"), megabytes(one.peak), ratio])
    return table([f"{count} files", "CPU a file", "CPU, all", "memory", "files a CPU second"], rows)


def growth(folder: str, most: int, longest: int) -> str:
    """(c) what more files and longer files cost."""
    rows = []
    for kind in ("services", "repositories"):
        for count in (one for one in (100, 1_000, 10_000) if one <= most):
            where = made(folder, kind, count)
            roots = (
                sorted(os.path.dirname(path) for path in glob.glob("*/*/.git", root_dir=where))
                if kind == "repositories"
                else []
            )
            what = f"{count} files in {f'{len(roots)} projects' if roots else 'one project'}"
            rows.append(_once(what, dlf(what, where, *ALONE, *roots), count, "a file"))
    for kind, lines in (
        ("long_dockerfile", 100), ("long_dockerfile", 10_000), ("long_run", 10_000), ("long_run", 400_000),
        ("long_heredoc", 400_000), ("stages", 2_000), ("long_compose", 1_000), ("long_compose", 10_000),
    ):  # fmt: skip
        if lines > longest:
            continue
        what = f"{kind.replace('_', ' ')}, {lines} lines"
        rows.append(_once(what, dlf(what, made(folder, kind, lines), *ALONE), lines / 1000, "a thousand lines"))
    return table(["", "CPU", "CPU for each", "memory"], rows)


def _once(what: str, command: Command, size: float, unit: str) -> list[str]:
    command = command._replace(codes=(0, 1, 2))
    sample = run_once(command)
    return [what, milliseconds(sample.cpu), f"{milliseconds(sample.cpu / size)} {unit}", megabytes(sample.peak)]


def several(folder: str, count: int, rounds: int) -> str:
    """(d) one process and two."""
    one, many = made(folder, "services", count), made(folder, "repositories", count)
    roots = sorted(os.path.dirname(path) for path in glob.glob("*/*/.git", root_dir=many))
    rows = []
    for name, where, paths in (("one project", one, ()), (f"{len(roots)} projects", many, tuple(roots))):
        commands = [dlf(f"{name}, {jobs}", where, "--no-cache", "--jobs", jobs, *paths) for jobs in ("1", "2")]
        first, second = interleaved(commands, rounds=rounds, warm_up=1)
        rows.append(
            [
                name,
                milliseconds(first.wall),
                milliseconds(second.wall),
                f"{first.wall / second.wall:.2f}x",
                f"{second.cpu / first.cpu:.2f}x",
            ]
        )
    return table([f"{count} files", "--jobs 1", "--jobs 2", "faster", "CPU"], rows)


def again(folder: str, count: int, rounds: int) -> str:
    """(e) the first run with an empty cache, and an unchanged re-run."""
    rows = []
    for kind in ("dockerfiles", "compose_files", "services"):
        where, cache = made(folder, kind, count), os.path.join(folder, "cache-" + kind)

        def empty(cache: str = cache) -> None:
            for path in glob.glob(os.path.join(cache, "*")):
                os.unlink(path)

        options = ("--jobs", "1", "--cache-dir", cache)
        first = interleaved([dlf("first", where, *options, before=empty)], rounds=max(2, rounds // 2), warm_up=0)[0]
        second = interleaved([dlf("second", where, *options)], rounds=rounds, warm_up=1)[0]
        size = sum(os.path.getsize(path) for path in glob.glob(os.path.join(cache, "*")))
        rows.append(
            [
                kind.replace("_", " "),
                milliseconds(first.cpu),
                milliseconds(second.cpu),
                f"{second.cpu / first.cpu:.3f}",
                megabytes(size),
            ]
        )
    return table([f"{count} files", "first run, CPU", "re-run, CPU", "share", "entry"], rows)


def start(rounds: int) -> str:
    """(a) cold start: see cold.py."""
    with tempfile.TemporaryDirectory() as folder:
        results: list[Result] = interleaved(cold.commands(folder), rounds=rounds, warm_up=2)
    peers = [name for name in cold.TARGETS if any(one.command.name == name for one in results)]
    return table(["", "median", "range", "CPU", "memory", *(f"x {name}" for name in peers)], cold.rows(results))


def main() -> None:
    """Measures, prints, and writes when asked to. The exit code says nothing of targets, since machines differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller projects: some minutes")
    parser.add_argument("--only", default="a,b,c,d,e", help="which tables")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    given = parser.parse_args()
    quick, rounds = given.quick, 3 if given.quick else 7
    began, busy = time.strftime("%Y-%m-%d"), load()
    sections: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dlf-bench-") as folder:
        for letter, title, measure in (
            ("a", "Cold start", lambda: start(rounds * 3)),
            ("b", "Throughput, one process", lambda: throughput(folder, 1000, 1 if quick else rounds, int(not quick))),
            ("c", "Growth", lambda: growth(folder, 1_000 if quick else 10_000, 20_000 if quick else 400_000)),
            ("d", "Two processes", lambda: several(folder, 400 if quick else 1000, 2 if quick else rounds)),
            ("e", "An unchanged re-run", lambda: again(folder, 400 if quick else 1000, 2 if quick else rounds)),
        ):
            if letter in given.only.split(","):
                text = f"### ({letter}) {title}\n\n{measure()}"
                print(text, flush=True)
                sections.append(text)
    about = (
        f"Measured {began} with CPython {platform.python_version()} on {platform.system()}, {os.cpu_count()} CPUs;"
        f" the load of the machine (processes that run) was {busy:.1f} at the beginning and {load():.1f} at the end.\n"
    )
    print(about)
    if given.write:
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        with open(PAGE, "w", encoding="utf-8", newline="\n") as file:
            file.write(head + BEGIN + "\n\n" + about + "\n" + "\n".join(sections) + "\n" + END + tail)


if __name__ == "__main__":
    main()
