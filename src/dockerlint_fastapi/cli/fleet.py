"""`dlf fleet`: lint many repositories, on one machine or many."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dockerlint_fastapi import __version__
from dockerlint_fastapi.cli.declared import argument, command, option
from dockerlint_fastapi.cli.options import (
    exclude_option,
    no_plugins_option,
    rules_option,
    selection_options,
)
from dockerlint_fastapi.cli.outcome import FINDINGS, Stop
from dockerlint_fastapi.cli.output import say, watched, write
from dockerlint_fastapi.config import shown_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dockerlint_fastapi.fleet.plan import Plan
    from dockerlint_fastapi.fleet.run import Total

INSTALL = "pip install 'dockerlint-fastapi[ray]'"
MOST_RULES = 15  # of the table at the end
MOST_ERRORS = 10  # repositories that are named at the end


@command("fleet", short_help="Lint many repositories, into Parquet.", no_args_is_help=True)
@argument("source", metavar="SOURCE")
@option("--output", metavar="DIR", required=True, help="The folder for the results. A run that ended early goes on.")
@option("--workers", metavar="N", help="How many repositories are linted at once. Default: one for each CPU.")
@option("--address", metavar="ADDRESS", help="Use the Ray cluster there (`auto`: the one of this machine).")
@option(
    "--limit-seconds",
    metavar="N",
    default="120",
    show_default=True,
    help="How long one repository may take before it is given up.",
)
@option(
    "--limit-memory",
    metavar="MB",
    default="2000",
    show_default=True,
    help="How much memory one repository may take (where /proc tells: Linux).",
)
@option("--restart", is_flag=True, help="Throw away what is in DIR of an earlier run, and begin anew.")
@selection_options
@exclude_option
@option(
    "--isolated",
    is_flag=True,
    help="Do not read the repositories' own configurations, and load no rules of installed packages.",
)
@rules_option
@no_plugins_option
@option("-q", "--quiet", is_flag=True, help="Print errors, and nothing else.")
def fleet(
    source: str,
    *,
    output: str,
    workers: str | None,
    address: str | None,
    limit_seconds: str,
    limit_memory: str,
    restart: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str | None,
    deployment: str | None,
    preview: bool | None,
    exclude: tuple[str, ...],
    isolated: bool,
    today: str | None,
    rule_dirs: tuple[str, ...],
    no_plugins: bool,
    quiet: bool,
) -> int:
    """Lint every repository of SOURCE on Ray Data, on this machine or a cluster, and write what is found as Parquet.

    SOURCE is a folder of checkouts; or a text file that lists git bundles, archives (.tar, .tar.gz, .zip) and folders,
    one a line; or Parquet with the columns repo, path and content. DIR gets findings/ (a row each), status/ (a row
    for each repository), summary.parquet (a row for each rule) and run.json. A repository that cannot be linted
    is one row with its error. A run that was broken off goes on when it is started again.

    \b
    Examples:
      dlf fleet /srv/checkouts --output scan-2026-11-22
      dlf fleet bundles.txt --output scan --workers 8 --profile guide
      dlf fleet files.parquet --output scan --address auto

    \b
    Exit codes:
      0  every repository was linted, whatever was found
      1  every repository has its row, some with an error
      2  wrong usage, or the run could not be ended
    """  # noqa: D301 - \b is for click: keep these lines as they are
    for name in ("ray", "pyarrow"):
        if find_spec(name) is None:
            raise Stop(f"dlf fleet needs {name}, which comes with the extra `ray`: {INSTALL}")
    from dockerlint_fastapi.config.choices import Choices  # noqa: PLC0415 - from here on it is installed
    from dockerlint_fastapi.fleet import FleetError  # noqa: PLC0415
    from dockerlint_fastapi.fleet.plan import Plan, shipped  # noqa: PLC0415
    from dockerlint_fastapi.plugins import load  # noqa: PLC0415

    choices = Choices(select or None, extend_select, ignore, exclude, profile, deployment, preview, isolated)
    choices.check(load(rule_dirs, installed=not (isolated or no_plugins)), options=True)
    count = _number("--workers", workers, 1, 10_000) if workers is not None else _cpus(address)
    try:
        plan = Plan(
            choices,
            today or "",
            shipped(rule_dirs),
            not no_plugins,
            float(_number("--limit-seconds", limit_seconds, 1, 86_400)),
            _number("--limit-memory", limit_memory, 100, 1_000_000) * 1_000_000,
        )
        return _run(source, output, plan, count, address, restart=restart, quiet=quiet)
    except FleetError as error:
        raise Stop(str(error)) from None


def _run(source: str, output: str, plan: Plan, workers: int, address: str | None, *, restart: bool, quiet: bool) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415

    from dockerlint_fastapi.fleet import FleetError, parts  # noqa: PLC0415
    from dockerlint_fastapi.fleet.run import run  # noqa: PLC0415

    if os.path.exists(output) and not os.path.isdir(output):
        raise Stop(f"--output: {output}: is a file; it names a folder")
    if parts.read_run(output) is None and (others := list(parts.foreign(output))):
        raise Stop(f"--output: {output}: holds other things ({others[0]}); give an empty or a new folder")
    if not os.path.exists(source):
        raise Stop(f"{source}: no such file or directory")
    os.makedirs(output, exist_ok=True)
    with _locked(output):
        if restart:
            parts.clear(output)
        earlier = parts.read_run(output)
        if not plan.today:
            begun = earlier["settings"].get("today") if earlier is not None else None
            plan = plan._replace(today=begun or datetime.now(tz=UTC).date().isoformat())
        here = {"settings": plan.shown, "hash": plan.hash, "source": os.path.abspath(source)}
        if earlier is not None:
            _same(output, earlier, here)
        parts.write_run(output, {**here, "finished": False})
        progress = _Progress(quiet=quiet)
        try:
            total = run(source, output, plan, workers=workers, address=address, told=progress)
        except OSError as error:
            raise FleetError(f"{error.filename or output}: {error.strerror or error}") from error
        finally:
            progress.clear()
        counts = {"repositories": total.repositories, "errors": len(total.errors)}
        parts.write_run(output, {**here, "finished": True, **counts})
    if not quiet:
        write(sys.stdout, _table(total, output))
    for repo, why in list(total.errors.items())[:MOST_ERRORS]:
        say(f"{repo}: {why}")
    if len(total.errors) > MOST_ERRORS:
        say(f"and {len(total.errors) - MOST_ERRORS} more: the rows with status `error` in {shown_path(output)}/status")
    return FINDINGS if total.errors else 0


def _same(output: str, earlier: dict[str, Any], here: dict[str, Any]) -> None:
    """Stops when the results in a folder were made otherwise than they would be now."""
    differing = [
        f"{key} was {was!r} and is {now!r}"
        for key, now in here["settings"].items()
        if (was := _plain(earlier["settings"].get(key))) != _plain(now)
    ]
    if earlier.get("source") != here["source"]:
        differing.append(f"the source was {earlier.get('source')}")
    if differing or earlier.get("hash") != here["hash"]:
        told = "; ".join(differing) or "settings"
        raise Stop(f"--output: {output}: holds results of another run ({told}); give another folder, or --restart")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Stop(f"{name}: {text!r} is no number from {least} to {most}")
    return int(text)


def _cpus(address: str | None) -> int:
    """How many workers without being told: the CPUs of this machine; of a cluster it is not for this process to say."""
    if address is not None:
        raise Stop("--address: tell with --workers how many CPUs of the cluster to use")
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _locked:  # noqa: N801 - reads as what it does
    """Holds a folder for one run at a time, where the file system can."""

    def __init__(self, output: str) -> None:
        self._output = output
        self._descriptor = -1

    def __enter__(self) -> None:
        try:
            import fcntl  # noqa: PLC0415 - not on Windows
        except ImportError:
            return
        self._descriptor = os.open(os.path.join(self._output, ".lock"), os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise Stop(f"--output: {self._output}: another run writes there at this moment") from None
        except OSError:  # a file system without locks
            return

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


class _Progress:
    """One line on a terminal: how many repositories are done."""

    def __init__(self, *, quiet: bool) -> None:
        self._watched = watched(quiet=quiet)

    def __call__(self, done: int, of: int, errors: int) -> None:
        if self._watched:
            wrong = f", {errors} with an error" if errors else ""
            write(sys.stderr, f"\r\x1b[K{done} of {of} repositories{wrong}")

    def clear(self) -> None:
        """Takes the line away."""
        if self._watched:
            write(sys.stderr, "\r\x1b[K")


def _table(total: Total, output: str) -> str:
    """The summary for people."""
    found = sum(row["findings"] for row in total.rules)
    before = f" ({total.before} of them by an earlier run)" if total.before else ""
    lines = [
        f"{total.repositories} repositories linted{before}, {len(total.errors)} with an error; {found} findings",
        "",
    ]
    shown = total.rules[:MOST_RULES]
    if shown:
        width = max(len(row["rule"]) for row in shown)
        head: Callable[..., str] = f"{{:<{width}}}  {{:>12}}  {{:>8}}  {{:>6}}  {{:>8}}  {{:>5}}".format
        lines.append(head("rule", "repositories", "findings", "errors", "warnings", "infos"))
        lines += [
            head(*(row[key] for key in ("rule", "repositories", "findings", "errors", "warnings", "infos")))
            for row in shown
        ]
        if len(total.rules) > len(shown):
            lines.append(f"and {len(total.rules) - len(shown)} more rules")
        lines.append("")
    lines.append(f"dlf {__version__}: {shown_path(output)}/findings, status, summary.parquet")
    return "\n".join(lines) + "\n"
