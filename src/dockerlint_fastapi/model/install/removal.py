"""What a RUN removes again after the steps that filled it: lists, indexes, caches."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.install.call import Call, bare_text
from dockerlint_fastapi.model.install.readers import calls_and_plain_steps
from dockerlint_fastapi.model.install.step import Step
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Cleanups(NamedTuple):
    """What a RUN removes again. Each is True only when it happens after the last step that fills the place."""

    apt_lists: bool
    apk_cache: bool
    dnf_cache: bool
    conda_cache: bool
    pip_cache: bool
    uv_cache: bool
    npm_cache: bool


_BRACES = pattern(r"([^{}]*)\{([^{}]*)\}([^{}]*)\Z")
_HOME = pattern(r"(\$HOME|\$\{HOME\}|~|/root|/home/[^/]+)(?=/|\Z)")


def cleanups(command: Command) -> Cleanups:
    """What a RUN removes again after its last step that fills the place."""
    found: Cleanups | None = command.read.get("cleanups")
    if found is None:
        found = command.read["cleanups"] = _cleanups(command)
    return found


def _cleanups(command: Command) -> Cleanups:
    done: dict[str, bool] = {}
    bash = _is_bash(command)
    for call, step in calls_and_plain_steps(command):
        if not call.arguments:
            continue
        if step is not None:
            _note_step(step, done)
        elif call.name in ("rm", "find", "rmdir"):
            paths = [path for argument in call.arguments[1:] for path in _paths(argument, bash=bash)]
            _note_removal(call, paths, done)
    return Cleanups(**{name: done.get(name, False) for name in Cleanups._fields})


def emptier(command: Command, directory: str, manager: str) -> Span | None:
    """What a RUN empties a tool's cache or package lists with, after the last step of that tool that fills them."""
    found: Span | None = None
    bash = _is_bash(command)
    for call, step in calls_and_plain_steps(command):
        if not call.arguments:
            continue
        if step is not None and step.manager == manager:
            if step.action != "clean":
                found = None if step.action in _FILLING else found
            elif manager != "apt" or not directory.startswith("/var/lib") or step.subcommand != "clean":
                found = call.arguments[0].span
        elif call.name == "rm" and any(
            re.match(r"-[a-zA-Z]*[rR]|--recursive", bare_text(one)) for one in call.arguments
        ):
            paths = [path for argument in call.arguments[1:] for path in _paths(argument, bash=bash)]
            if any(_empties(re.sub(r"(/\*+|/\.)*/*\Z", "", path), directory) for path in paths):
                found = call.arguments[0].span
    return found


_FILLING = ("update", "upgrade", "install", "sync", "download")
_FILLED = {"/var/cache/apt": "/var/cache/apt/archives", "/var/lib/apt": "/var/lib/apt/lists"}  # by apt


def _empties(path: str, directory: str) -> bool:
    """Whether removing a path takes all that matters of a directory."""
    return bool(path) and f"{_FILLED.get(directory, directory)}/".startswith(f"{path}/")


def _is_bash(command: Command) -> bool:
    """Whether brace expansion works: dash and BusyBox have none, so that `rm -rf /var/lib/{apt,dpkg}` removes
    nothing.
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
