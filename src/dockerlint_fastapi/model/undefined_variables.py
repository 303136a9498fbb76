"""Variables that an instruction expands and nothing sets there: Docker puts nothing in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from dockerlint_fastapi.model.base_image import Reference, base_image
from dockerlint_fastapi.model.dockerfile import (
    Add,
    Arg,
    Copy,
    Dockerfile,
    Env,
    Expose,
    From,
    Instruction,
    Label,
    Onbuild,
    Pair,
    Stage,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Workdir,
)
from dockerlint_fastapi.model.nearest import nearest
from dockerlint_fastapi.source import Span

if TYPE_CHECKING:
    from dockerlint_fastapi.model.deployment import Project

_EXPANDED: Final = (Add, Arg, Copy, Env, Expose, Label, Stopsignal, User, Volume, Workdir)
_EXPANDED_FLAGS: Final = frozenset(("chmod", "chown", "platform", "from"))
# `\$X` and `'…'` are no variables; `${X:-…}` and the like say what to do without it.
_TOKEN: Final = (
    r"(?P<skip>[\\`].|'[^']*')|\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<then>[^}]?[^}]?))"
)
_PLATFORM: Final = frozenset(
    side + name for side in ("BUILD", "TARGET") for name in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
)
# Set by Docker itself, or by what runs the build, in whatever image.
_ALWAYS: Final = frozenset(
    "PATH HOME HOSTNAME TERM USER PWD SHELL HTTP_PROXY http_proxy HTTPS_PROXY https_proxy FTP_PROXY ftp_proxy NO_PROXY "
    "no_proxy ALL_PROXY all_proxy SOURCE_DATE_EPOCH TARGETSTAGE".split()
)
# What base images of these families set: all of it, or more than any release of theirs.
_PYTHON: Final = (
    "GPG_KEY LANG PYTHON_GET_PIP_SHA256 PYTHON_GET_PIP_URL PYTHON_PIP_VERSION PYTHON_SETUPTOOLS_VERSION PYTHON_SHA256 "
    "PYTHON_VERSION PYTHON_WHEEL_VERSION PYTHONIOENCODING"
)
_OF_FAMILY: Final = {
    "python": frozenset(_PYTHON.split()),
    "uv": frozenset(f"{_PYTHON} UV_TOOL_BIN_DIR UV_VERSION".split()),
    "debian": frozenset(("DEBIAN_FRONTEND", "LANG")),
    "ubuntu": frozenset(("DEBIAN_FRONTEND", "LANG")),
    "alpine": frozenset(("LANG",)),
    "buildpack-deps": frozenset(("LANG",)),
    "node": frozenset(("NODE_VERSION", "YARN_VERSION", "LANG")),
    "distroless": frozenset(("LANG", "SSL_CERT_FILE", "PYTHON_VERSION")),
}


class Undefined(NamedTuple):
    """One use of a variable that is not set.

    `declared` is what gives the name elsewhere: an ARG in front of the first FROM, another stage, a later line.
    `extends` tells that the variable is given a value of which its own old one is a part (`ENV X=$X:/app`).
    """

    name: str
    span: Span
    instruction: Instruction
    declared: Pair | None
    near: str | None  # a name in scope that is probably meant
    extends: bool
    argument: bool  # an ARG of FROM that has no default


class _Use(NamedTuple):
    name: str
    span: Span
    pair: Pair | None  # the assignment that it stands in


def undefined_variables(project: Project) -> Iterator[Undefined]:
    """The uses of variables that are certainly not set, in every Dockerfile."""
    for dockerfile in project.dockerfiles:
        if dockerfile.foreign_syntax is None:
            yield from _of_from(dockerfile, project)
            yield from _of_stages(dockerfile)


def _uses(instruction: Instruction) -> Iterator[_Use]:
    """The variables that an instruction expands, without those that bring their own default."""
    for flag in instruction.flags:
        if flag.name in _EXPANDED_FLAGS and "$" in flag.raw:
            for name, start, end in _names(flag.span.text):
                yield _Use(name, Span(flag.span.source, flag.span.start + start, flag.span.start + end), None)
    if "$" not in instruction.text:
        return
    pairs = instruction.pairs if isinstance(instruction, Env | Arg | Label) else ()
    for name, start, end in _names(instruction.text):
        span = instruction.locate(start, end)
        inside = next((pair for pair in pairs if pair.span.start <= span.start < pair.span.end), None)
        yield _Use(name, span, inside)


def _names(text: str) -> Iterator[tuple[str, int, int]]:
    inside = False  # double quotes, in which a single quote is a letter
    at = 0
    while match := re.compile(_TOKEN + r"|\"").search(text, at):
        at = match.end()
        if match.group() == '"':
            inside = not inside
        elif match["skip"] is not None:
            if inside and match["skip"].startswith("'"):
                at = match.start() + 1
        elif match["plain"]:
            yield match["plain"], match.start(), match.end()
        else:
            then = match["then"] or ""
            end = text.find("}", match.start())
            if not then.startswith(("-", "+", "?", ":-", ":+", ":?")) and end >= 0:
                yield match["braced"], match.start(), end + 1


def _of_from(dockerfile: Dockerfile, project: Project) -> Iterator[Undefined]:
    """FROM sees the ARGs in front of the first one, and nothing else."""
    pairs = {pair.name: pair for arg in dockerfile.global_args for pair in arg.pairs}
    inner = {pair.name: pair for stage in dockerfile.stages for one in _settings(stage) for pair in one.pairs}
    for stage in dockerfile.stages:
        for use in _uses(stage.from_):
            known = pairs.get(use.name)
            if known is None and use.name not in _PLATFORM and use.name not in _ALWAYS:
                near = nearest(use.name, tuple(pairs))
                yield Undefined(use.name, use.span, stage.from_, inner.get(use.name), near, False, False)
            elif known is not None and not known.assigned and use.name not in _ALWAYS | _PLATFORM:
                if not _is_passed(use.name, project):
                    yield Undefined(use.name, use.span, stage.from_, known, None, False, True)


def _is_passed(name: str, project: Project) -> bool:
    """Whether something in the project may give the build argument: compose, a Makefile, a workflow."""
    for file in project.compose_files:
        for service in file.services.values():
            if service.build is not None and any(one.name == name for one in service.build.args):
                return True
    return any(name in source.text for source in project.recipes)


def _settings(stage: Stage) -> Iterator[Env | Arg]:
    return (one for one in stage.instructions if isinstance(one, Env | Arg))


def _of_stages(dockerfile: Dockerfile) -> Iterator[Undefined]:
    outer = {pair.name: pair for arg in dockerfile.global_args for pair in arg.pairs}
    every = {pair.name: pair for stage in dockerfile.stages for one in _settings(stage) for pair in one.pairs}
    in_scope: dict[int, frozenset[str]] = {}
    for stage in dockerfile.stages:
        names = set(in_scope.get(stage.base.index, ()) if stage.base is not None else ())
        of_base = _of_base(stage)
        for instruction in stage.instructions:
            if isinstance(instruction, _EXPANDED):
                missing = _missing(instruction, names)
                for use in missing if of_base is not None or outer or every else ():
                    found = _judged(use, instruction, names, of_base, outer.get(use.name), every.get(use.name))
                    if found is not None:
                        yield found
            if isinstance(instruction, Env | Arg):
                names.update(pair.name for pair in instruction.pairs)
            elif isinstance(instruction, Onbuild) and isinstance(instruction.deferred, Env | Arg):
                names.update(pair.name for pair in instruction.deferred.pairs)
        in_scope[stage.index] = frozenset(names)


def _missing(instruction: Instruction, names: Iterable[str]) -> Iterator[_Use]:
    left: set[str] = set()  # ARG a=1 b=$a: a value sees the names to its left
    told: set[str] = set()
    if isinstance(instruction, Arg):
        left = {pair.name for pair in instruction.pairs[:-1]}
    for use in _uses(instruction):
        if use.name not in names and use.name not in _ALWAYS and use.name not in left and use.name not in told:
            told.add(use.name)
            yield use


def _of_base(stage: Stage) -> frozenset[str] | None:
    """What the image sets that a stage begins with; None when that is not known."""
    name = stage.lineage[0].from_.image.value
    if name == "scratch":
        return frozenset()
    reference = Reference.parse(name) if name else None
    base = base_image(reference) if reference is not None else None
    return _OF_FAMILY.get(base.family) if base is not None else None


def _judged(
    use: _Use,
    instruction: Instruction,
    names: set[str],
    of_base: frozenset[str] | None,
    outer: Pair | None,
    elsewhere: Pair | None,
) -> Undefined | None:
    """What to tell of a use: nothing when the base image may set the variable."""
    extends = use.pair is not None and use.pair.name == use.name
    declared = outer or (elsewhere if elsewhere is not None and elsewhere is not use.pair else None)
    if extends and declared is elsewhere and outer is None:
        declared = None
    platform = use.name in _PLATFORM
    if of_base is None:
        if not platform and (outer is None or extends):
            return None  # the base image may set it
    elif use.name in of_base:
        return None
    near = None if declared is not None or platform else nearest(use.name, tuple(names))
    return Undefined(use.name, use.span, instruction, declared, near, extends, False)
