"""From a RUN to its steps: which manager a call is for, and the installers that are piped into an interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.install.call import Call, bare_name, bare_text, calls, manager_of
from dockerlint_fastapi.model.install.conda import read_conda
from dockerlint_fastapi.model.install.languages import read_cargo, read_node
from dockerlint_fastapi.model.install.options import Parsed
from dockerlint_fastapi.model.install.pip import read_pip
from dockerlint_fastapi.model.install.projects import read_hatch, read_pipenv, read_pipx, read_poetry, read_uv
from dockerlint_fastapi.model.install.step import Package, Step, make_step
from dockerlint_fastapi.model.install.system import read_apk, read_apt, read_archive, read_rpm_family
from dockerlint_fastapi.pattern import pattern


def read_step(call: Call, piped: str = "") -> Step | None:
    """The step that a call is, or None. `piped` holds the words of the download whose output it reads, if it does."""
    if not call.arguments:
        return None
    found = manager_of(call.arguments)
    if found is None:
        return read_installer_script(call, piped)
    manager, program, position = found
    return _READERS[manager](call, manager, program, call.arguments[position:])


_READERS: dict[str, Callable[[Call, str, str, Sequence[Argument]], Step | None]] = {
    "apt": read_apt,
    "apk": read_apk,
    "dnf": read_rpm_family,
    "zypper": read_rpm_family,
    "dpkg": read_archive,
    "rpm": read_archive,
    "pip": read_pip,
    "uv": read_uv,
    "poetry": read_poetry,
    "pdm": read_poetry,
    "pipenv": read_pipenv,
    "hatch": read_hatch,
    "pipx": read_pipx,
    "conda": read_conda,
    "npm": read_node,
    "yarn": read_node,
    "pnpm": read_node,
    "bun": read_node,
    "cargo": read_cargo,
    "gem": read_cargo,
}
_INTERPRETERS = pattern(r"(python[0-9.]*|sh|bash|dash|ash|zsh)\Z")
_GET_PIP = pattern(r"(get-pip|get-poetry|install-poetry|install-pdm)(-[0-9.]+)?\.py\Z")


def read_installer_script(call: Call, piped: str) -> Step | None:
    """`curl https://install.python-poetry.org | python3 -`, `python get-pip.py`: manager `script`, one package:
    the tool.
    """
    if call.name is None or not _INTERPRETERS.match(call.name):
        return None
    tool: str | None = None
    word = call.arguments[0]
    for argument in call.arguments[1:]:
        name = bare_name(argument)
        if name and _GET_PIP.match(name):
            tool, word = ("pip" if "pip" in name else "poetry" if "poetry" in name else "pdm"), argument
    if tool is None and piped:
        tool = installer_of(piped)
    if tool is None:
        return None
    parsed = Parsed((), call.arguments[1:], complete=True)
    return make_step(call, "script", call.name, "install", subcommand=(), parsed=parsed, packages=[Package(tool, word)])


@cache
def _installers() -> tuple[tuple[str, str], ...]:
    return tuple(table("harmless_programs")["installers"].items())


def installer_of(text: str) -> str | None:
    """The tool that a download in `text` installs when it is run (`install.python-poetry.org` -> `poetry`), or None."""
    if "://" not in text and "." not in text:
        return None
    return next((tool for address, tool in _installers() if address in text), None)


def steps(command: Command) -> tuple[Step, ...]:
    """The calls of package managers that a RUN makes, in order; empty when the command cannot be read."""
    return tuple(step for _, step in calls_and_steps(command) if step is not None)


def calls_and_steps(command: Command) -> tuple[tuple[Call, Step | None], ...]:
    """Every call of a RUN in order, and the step that it is when it is one of a package manager."""
    found: tuple[tuple[Call, Step | None], ...] | None = command.read.get("steps")
    if found is None:
        found = command.read["steps"] = tuple(_calls_and_steps(command))
    return found


def calls_and_plain_steps(command: Command) -> Iterator[tuple[Call, Step | None]]:
    """The same, but for what an interpreter reads from a download: that counts as no step."""
    for call, step in calls_and_steps(command):
        yield call, read_step(call) if step is not None and step.manager == "script" else step


def _calls_and_steps(command: Command) -> Iterator[tuple[Call, Step | None]]:
    piped = ""  # the words of a download whose output goes down the pipe, perhaps to an interpreter that runs it
    for call in calls(command):
        simple = call.command
        if simple is None or simple.before not in ("|", "|&"):
            piped = ""
        yield call, read_step(call, piped)
        if call.name in ("curl", "wget") and simple is not None and simple.after in ("|", "|&"):
            piped = " ".join(bare_text(argument) for argument in call.arguments)
