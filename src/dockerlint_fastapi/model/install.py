"""What a RUN installs: the calls of package managers in it, what they clean up, and what is left behind.

Only what the command line says is told here. Settings from ENV, configuration files and mounts are the caller's to add.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.calls import Call, bare_text, calls
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.package_managers import (
    PYTHON_MANAGERS,
    SYSTEM_MANAGERS,
    Option,
    Package,
    Step,
    installer_of,
    read_step,
)

__all__ = [
    "PYTHON_MANAGERS",
    "SYSTEM_MANAGERS",
    "Call",
    "Cleanups",
    "Kept",
    "Option",
    "Package",
    "Step",
    "build_tool",
    "calls",
    "calls_and_steps",
    "cleanups",
    "installer_of",
    "kept_packages",
    "provides",
    "steps",
]


class Cleanups(NamedTuple):
    """What a RUN removes again. Each is True only when it happens after the last step that fills the place."""

    apt_lists: bool
    apk_cache: bool
    dnf_cache: bool
    conda_cache: bool
    pip_cache: bool
    uv_cache: bool
    npm_cache: bool


def steps(command: Command) -> tuple[Step, ...]:
    """The calls of package managers that a RUN makes, in order; empty when the command cannot be read."""
    return tuple(step for _, step in calls_and_steps(command) if step is not None)


def calls_and_steps(command: Command) -> Iterator[tuple[Call, Step | None]]:
    """Every call of a RUN in order, and the step that it is when it is one of a package manager."""
    piped = ""  # the words of a download whose output goes down the pipe, perhaps to an interpreter that runs it
    for call in calls(command):
        simple = call.command
        if simple is None or simple.before not in ("|", "|&"):
            piped = ""
        yield call, read_step(call, piped)
        if call.name in ("curl", "wget") and simple is not None and simple.after in ("|", "|&"):
            piped = " ".join(bare_text(argument) for argument in call.arguments)


_BRACES = re.compile(r"([^{}]*)\{([^{}]*)\}([^{}]*)\Z")
_HOME = re.compile(r"(\$HOME|\$\{HOME\}|~|/root|/home/[^/]+)(?=/|\Z)")


def cleanups(command: Command) -> Cleanups:
    """What a RUN removes again after its last step that fills the place."""
    done: dict[str, bool] = {}
    bash = _is_bash(command)
    for call in calls(command):
        if not call.arguments:
            continue
        step = read_step(call, "")
        if step is not None:
            _note_step(step, done)
        elif call.name in ("rm", "find", "rmdir"):
            paths = [path for argument in call.arguments[1:] for path in _paths(argument, bash=bash)]
            _note_removal(call, paths, done)
    return Cleanups(**{name: done.get(name, False) for name in Cleanups._fields})


def _is_bash(command: Command) -> bool:
    """Whether brace expansion works: dash and BusyBox have none, so that `rm -rf /var/lib/{apt,dpkg}` removes"
    " nothing.
    """
    shell = command.shell[0].rpartition("/")[2] if command.shell else ""
    script = None if command.exec_form else command.script
    shebang = script.shebang if script is not None else ""
    return shell in ("bash", "zsh", "ksh") or (
        bool(shebang) and any(name in shebang for name in ("bash", "zsh", "ksh"))
    )


def _note_step(step: Step, done: dict[str, bool]) -> None:
    fills = {
        "apt": "apt_lists",
        "apk": "apk_cache",
        "dnf": "dnf_cache",
        "conda": "conda_cache",
        "pip": "pip_cache",
        "uv": "uv_cache",
        "npm": "npm_cache",
        "yarn": "npm_cache",
        "pnpm": "npm_cache",
    }
    place = fills.get(step.manager)
    if place is None:
        return
    if step.action == "clean":
        if step.manager == "apt":
            # `apt-get clean` removes packages that were downloaded, not the lists; `dist-clean` (apt 2.7.8) does both.
            cleaned = step.subcommand in ("dist-clean", "distclean")
        elif step.manager == "dnf":
            cleaned = any(package.name == "all" for package in step.packages)
        elif step.manager == "conda":
            cleaned = step.has("--all", "--tarballs", "--packages")
        else:
            cleaned = True
        done[place] = done.get(place, False) or cleaned
    elif step.action in ("update", "upgrade", "install", "sync", "download") and not (
        # Installing from the lists does not write them again.
        step.manager == "apt" and step.action in ("install", "upgrade") and not step.has("--update")
    ):
        done[place] = False


def _paths(argument: Argument, *, bash: bool) -> list[str]:
    text = _HOME.sub("/root", bare_text(argument))
    match = _BRACES.match(text) if bash and "{" in text else None
    if match is None:
        return [text]
    before, alternatives, after = match.groups()
    return [before + one + after for one in alternatives.split(",")]


def _note_removal(call: Call, paths: Sequence[str], done: dict[str, bool]) -> None:
    if call.name == "find" and not any(bare_text(one) in ("-delete", "rm") for one in call.arguments):
        return
    recursive = call.name == "find" or any(
        re.match(r"-[a-zA-Z]*[rR]|--recursive", bare_text(one)) for one in call.arguments[1:]
    )
    for path in paths:
        # `/x/*` empties the directory as well as `/x` removes it; a narrower glob does not.
        plain = re.sub(r"(/\*+|/\.)*/*\Z", "", path)
        if plain != "/" and recursive:
            for place, directories in _PLACES.items():
                if any(directory == plain or directory.startswith(plain + "/") for directory in directories) and plain:
                    done[place] = True
        if plain in ("/var/lib/apt/lists", "/var/cache/apk"):  # plain files: `rm -f /var/cache/apk/*` will do
            done["apt_lists" if "apt" in plain else "apk_cache"] = True


_PLACES = {
    "apt_lists": ("/var/lib/apt/lists",),
    "apk_cache": ("/var/cache/apk",),
    "dnf_cache": ("/var/cache/dnf", "/var/cache/yum"),
    "conda_cache": ("/opt/conda/pkgs",),
    "pip_cache": ("/root/.cache/pip",),
    "uv_cache": ("/root/.cache/uv",),
    "npm_cache": ("/root/.npm",),
}


class Kept(NamedTuple):
    """A package that is still there at the end of the RUN that installed it, and the step that did."""

    package: Package
    step: Step


def kept_packages(command: Command) -> tuple[Kept, ...]:
    """The packages that a RUN installs and does not take out again.

    Where a removal cannot be read, nothing of that manager is listed: it may have taken any of them.
    """
    kept: list[Kept] = []
    automatic = False  # `apt-mark auto`: what was installed counts as not wanted, and autoremove takes it
    manual: set[str] = set()
    for call in calls(command):
        if call.name == "apt-mark" and len(call.arguments) > 1:
            automatic = automatic or call.arguments[1].value in ("auto", "minimize-manual")
            if call.arguments[1].value == "manual":
                manual.update(bare_text(one) for one in call.arguments[2:])
            continue
        step = read_step(call, "")
        if step is None:
            continue
        if step.action == "install":
            kept += [Kept(package, step) for package in step.packages]
        elif step.action == "remove":
            kept = _without(kept, step)
            purges = step.subcommand in ("autoremove", "autopurge", "auto-remove") or step.has(
                "--auto-remove", "--autoremove"
            )
            if automatic and purges and step.manager == "apt":
                kept = [one for one in kept if one.step.manager != "apt" or one.package.name in manual]
    return tuple(kept)


def _without(kept: list[Kept], step: Step) -> list[Kept]:
    """`kept` less what `step` removes."""
    texts = {bare_text(package.word) for package in step.packages}
    names = {text.partition(":")[0] for text in texts}  # `gcc:amd64`
    patterns = [text for text in texts if "*" in text]  # apt takes a word that is no package's name for a pattern
    # `$DEPS` that was installed as `$DEPS` is removed as such; anything else that cannot be told may be any package.
    unknown = {bare_text(package.word) for package in step.packages if package.word.value is None and not package.name}
    unknown -= {bare_text(one.package.word) for one in kept}
    takes_any = step.manager in SYSTEM_MANAGERS and (bool(unknown) or (not step.complete and not step.packages))
    left: list[Kept] = []
    for one in kept:
        virtual = one.step.option("--virtual")
        group = bare_text(virtual.value_word) if virtual is not None and virtual.value_word is not None else None
        if virtual is not None and virtual.value is not None:
            group = virtual.value
        name = one.package.name
        gone = one.step.manager == step.manager and (
            takes_any
            or bare_text(one.package.word) in texts
            or (group is not None and group in texts)
            or (name is not None and (name in names or any(fnmatchcase(name, pattern) for pattern in patterns)))
        )
        if not gone:
            left.append(one)
    return left


@cache
def _provided() -> dict[str, frozenset[str]]:
    return {name: frozenset(programs.split()) for name, programs in table("programs")["packages"].items()}


@cache
def _provided_patterns() -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    return tuple((re.compile(one["name"]), frozenset(one["programs"].split())) for one in table("programs")["patterns"])


def provides(package: str) -> frozenset[str]:
    """The programs that a system package (apt, apk, dnf) puts on PATH, as far as the table goes; empty when it is"
    " unknown.
    """
    known = _provided().get(package)
    if known is not None:
        return known
    return next((programs for pattern, programs in _provided_patterns() if pattern.fullmatch(package)), frozenset())


@cache
def _build_tools() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str], frozenset[str]]:
    facts = table("build_tools")
    kinds: dict[str, str] = {}
    for key, kind in (
        ("compilers", "compiler"),
        ("build_systems", "build system"),
        ("headers", "headers"),
        ("source_control", "source control"),
    ):
        kinds.update(dict.fromkeys(facts[key].split(), kind))
    not_headers = frozenset(facts["not_headers"].split())
    return kinds, re.compile(facts["compiler_pattern"]), re.compile(facts["header_pattern"]), not_headers


def build_tool(package: str) -> str | None:
    """What a system package is for, when it is needed to build only: `compiler`, `build system`, `headers` or
    `source control`; None for anything else.
    """
    kinds, compiler, header, not_headers = _build_tools()
    kind = kinds.get(package)
    if kind is not None:
        return kind
    if compiler.fullmatch(package):
        return "compiler"
    return "headers" if header.fullmatch(package) and package not in not_headers else None
