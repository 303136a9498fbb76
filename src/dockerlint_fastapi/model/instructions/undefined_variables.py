"""Variables that an instruction expands and nothing sets there: Docker puts nothing in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.bases.base_image import Reference, base_image
from dockerlint_fastapi.model.dockerfile import (
    Add,
    Arg,
    Cmd,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Pair,
    Stage,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from dockerlint_fastapi.model.instructions.legacy_forms import swallowed_names
from dockerlint_fastapi.model.instructions.nearest import nearest
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_EXPANDED: Final = (Add, Arg, Copy, Env, Expose, Label, Stopsignal, User, Volume, Workdir)
_EXPANDED_FLAGS: Final = frozenset(("chmod", "chown", "platform", "from"))
# `\$X` and `'…'` are no variables; `${X:-…}` and the like say what to do without it.
_USED_NAME: Final = r"""[\\`].|(?P<quoted>'[^']*')|"|\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*))"""
_SHELL: Final = r"""\A\s*\[\s*"(?:/\S*/)?(?:ba|da|a)?sh"\s*,\s*"-\w*c"\s*,"""  # a JSON array that starts a shell
_MOST_NAMES: Final = 100  # among which a misspelt one is looked up
_FALLBACKS: Final = ("-", "+", "?", ":-", ":+", ":?")
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
    stage: Stage
    declared: Pair | None
    near: str | None  # a name in scope that is probably meant
    extends: bool
    argument: bool  # an ARG of FROM that has no default
    pair: Pair | None = None  # the assignment that it stands in

    @property
    def in_front_of_path(self) -> bool:
        """Whether it only names one more folder in which programs are looked for: `PATH="$PNPM_HOME:$PATH"`."""
        return self.pair is not None and self.pair.name == "PATH" and "$PATH" in self.pair.raw.replace("{", "")

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole name of an image: a build that is to be told its base."""
        return isinstance(self.instruction, From) and self.span.text == self.instruction.image.text

    @property
    def platform(self) -> bool:
        """Whether it is one of the names that Docker sets where an ARG asks for it (`TARGETARCH`)."""
        return self.name in _PLATFORM

    @property
    def at_start(self) -> bool:
        """Whether a shell looks for it when the container runs, and not Docker when it builds."""
        return isinstance(self.instruction, (Cmd, Entrypoint, Healthcheck))

    @property
    def reach(self) -> str:
        """Why `declared` does not count here: it is `global` (in front of the first FROM), in the `same` instruction,
        `later` in the same stage, or in another `stage`; "" when nothing declares it.
        """
        if self.declared is None:
            return ""
        if self.instruction.span.start <= self.declared.span.start < self.instruction.span.end:
            return "same"
        stages = self.stage.dockerfile.stages
        if self.declared.span.start < stages[0].span.start:
            return "global"
        following = stages[self.stage.index + 1].span.start if self.stage.index + 1 < len(stages) else None
        at = self.declared.span.start
        return "later" if at > self.span.start and (following is None or at < following) else "stage"


class _Use(NamedTuple):
    name: str
    span: Span
    pair: Pair | None  # the assignment that it stands in


def undefined_variables(project: Project) -> Iterator[Undefined]:
    """The uses of variables that are certainly not set, in every Dockerfile."""
    for dockerfile in project.own.dockerfiles:
        if dockerfile.foreign_syntax is None:
            yield from _of_from(dockerfile, project)
            yield from _of_stages(dockerfile)
            for image in project.images_of.get(dockerfile, ()):
                yield from _of_start(image, project)


def _of_start(image: Image, project: Project) -> Iterator[Undefined]:
    """What a shell of the start command or of the health check looks up when the container runs: an ARG is gone then.
    Nothing is told where a base image, an ENV, a service, a script or whatever orchestrates it may set the name.
    """
    args = {pair.name: pair for stage in image.lineage for one in _settings(stage) for pair in one.pairs}
    kept = {
        pair.name for stage in image.lineage for one in stage.instructions if isinstance(one, Env) for pair in one.pairs
    }
    of_base = _of_base(image.stage)
    if of_base is None or args.keys() <= kept or project.orchestrated:
        return
    told = kept | of_base | _ALWAYS
    for one in (image.entrypoint, image.cmd, image.healthcheck):
        if one is None or not re.search(_SHELL if one.text.lstrip().startswith("[") else "", one.text):
            continue
        for use in _uses(one):
            name = use.name
            if name not in args or name in told:
                continue
            told.add(name)
            given = any(container.environment.get(name) is not None for container in image.containers)
            if given or project.index.answer(_is_set_by_script, name):
                continue
            if f"{name}=" in one.text or f"read {name}" in one.text:
                continue
            yield Undefined(name, use.span, one, image.stage, args[name], None, extends=False, argument=False)


def _is_set_by_script(project: Project, name: str) -> bool:
    """Whether a shell script of the project sets a variable."""
    scripts = (project.source_of(path) for path in project.index.ending(".sh"))
    return any(source is not None and re.search(rf"\b{name}=", source.text) for source in scripts)


def _uses(instruction: Instruction) -> Iterator[_Use]:
    """The variables that an instruction expands, without those that bring their own default."""
    for flag in instruction.flags:
        if flag.name in _EXPANDED_FLAGS and "$" in flag.raw:
            for name, start, end in _names(flag.span.text):
                yield _Use(name, Span(flag.span.source, flag.span.start + start, flag.span.start + end), None)
    if "$" not in instruction.text:
        return
    pairs = instruction.pairs if isinstance(instruction, (Env, Arg, Label)) else ()
    at = 0  # of the pairs, which come in the order of the names
    for name, start, end in _names(instruction.text):
        span = instruction.locate(start, end)
        while at < len(pairs) and pairs[at].span.end <= span.start:
            at += 1
        inside = pairs[at] if at < len(pairs) and pairs[at].span.start <= span.start else None
        yield _Use(name, span, inside)


def _names(text: str) -> Iterator[tuple[str, int, int]]:
    """The variables in a text, each with its place; what `${X:-…}` and the like fall back to is passed over."""
    inside = False  # double quotes, in which a single quote is a letter
    at = 0
    while match := re.compile(_USED_NAME).search(text, at):
        at = match.end()
        if match.group() == '"':
            inside = not inside
        elif match["quoted"] is not None:
            at = match.start() + 1 if inside else at
        elif match["plain"]:
            yield match["plain"], match.start(), at
        elif match["braced"]:
            at = _closing(text, match.start() + 2)
            if not text.startswith(_FALLBACKS, match.end()):
                yield match["braced"], match.start(), at


def _closing(text: str, at: int) -> int:
    """The offset behind the brace that closes an expansion; the end of the text when none does."""
    depth = 1
    for brace in re.compile(r"[{}]").finditer(text, at):
        depth += 1 if brace.group() == "{" else -1
        if not depth:
            return brace.end()
    return len(text)


def _of_from(dockerfile: Dockerfile, project: Project) -> Iterator[Undefined]:
    """FROM sees the ARGs in front of the first one, and nothing else."""
    pairs = {pair.name: pair for arg in dockerfile.global_args for pair in arg.pairs}
    inner = {pair.name: pair for stage in dockerfile.stages for one in _settings(stage) for pair in one.pairs}
    for stage in dockerfile.stages:
        for use in _uses(stage.from_):
            known = pairs.get(use.name)
            if known is None and use.name not in _PLATFORM and use.name not in _ALWAYS:
                near = nearest(use.name, tuple(pairs))
                yield Undefined(
                    use.name, use.span, stage.from_, stage, inner.get(use.name), near, extends=False, argument=False
                )
            elif (
                known is not None
                and not known.assigned
                and use.name not in _ALWAYS | _PLATFORM
                and not project.index.answer(_is_passed, use.name)
            ):
                yield Undefined(use.name, use.span, stage.from_, stage, known, None, extends=False, argument=True)


def _is_passed(project: Project, name: str) -> bool:
    """Whether something in the project may give the build argument: compose, a Makefile, a workflow."""
    if name in project.index.gathered(build_arguments):
        return True
    return any(name in source.text for source in project.recipes)


def build_arguments(project: Project) -> Iterator[str]:
    """The names of the build arguments that services give."""
    services = (service for file in project.own.compose_files for service in file.services.values())
    return (one.name for service in services if service.build is not None for one in service.build.args)


def _settings(stage: Stage) -> Iterator[Env | Arg]:
    return (one for one in stage.instructions if isinstance(one, (Env, Arg)))


class _Scope(NamedTuple):
    """What is known while a stage is read: the names set so far, and those that are set elsewhere."""

    stage: Stage
    names: set[str]
    of_base: frozenset[str] | None  # what the base image sets; None when that is not known
    outer: dict[str, Pair]  # in front of the first FROM
    every: dict[str, Pair]  # in all stages


def _of_stages(dockerfile: Dockerfile) -> Iterator[Undefined]:
    outer = {pair.name: pair for arg in dockerfile.global_args for pair in arg.pairs}
    every = {pair.name: pair for stage in dockerfile.stages for one in _settings(stage) for pair in one.pairs}
    ends: dict[int, frozenset[str]] = {}  # what is set at the end of each stage, by its index
    for stage in dockerfile.stages:
        inherited = ends.get(stage.base.index, ()) if stage.base is not None else ()
        scope = _Scope(stage, set(inherited), _of_base(stage), outer, every)
        told: set[str] = set()  # an ARG that is missing is one fault, however often its name is used
        for instruction in stage.instructions:
            for use in _missing(instruction, scope.names) if isinstance(instruction, _EXPANDED) else ():
                found = _judged(use, instruction, scope) if use.name not in told else None
                if found is not None:
                    told.add(found.name)
                    yield found
            deferred = instruction.deferred if isinstance(instruction, Onbuild) else instruction
            if isinstance(deferred, (Env, Arg)):
                scope.names.update(pair.name for pair in deferred.pairs)
            if isinstance(deferred, Env) and deferred.legacy:
                scope.names.update(swallowed_names(deferred))  # that ENV is the fault
        ends[stage.index] = frozenset(scope.names)


def _missing(instruction: Instruction, names: Iterable[str]) -> Iterator[_Use]:
    left: set[str] = set()  # ARG a=1 b=$a: a value sees the names to its left
    if isinstance(instruction, Arg):
        left = {pair.name for pair in instruction.pairs[:-1]}
    for use in _uses(instruction):
        if use.name not in names and use.name not in _ALWAYS and use.name not in left:
            yield use


def _of_base(stage: Stage) -> frozenset[str] | None:
    """What the image sets that a stage begins with; None when that is not known."""
    name = stage.first.from_.image.value
    if name == "scratch":
        return frozenset()
    reference = Reference.parse(name) if name else None
    base = base_image(reference) if reference is not None else None
    return _OF_FAMILY.get(base.family) if base is not None else None


def _judged(use: _Use, instruction: Instruction, scope: _Scope) -> Undefined | None:
    """What to tell of a use: nothing when the base image may set the variable."""
    name = use.name
    extends = use.pair is not None and use.pair.name == name
    if extends and isinstance(instruction, Arg):
        return None  # `ARG X=$X` says the same as `ARG X`
    if extends and use.pair is not None and use.pair.raw.strip("\"'{}$") == name:
        extends = False  # `ENV X=$X` was meant to take a value from outside
    outer, elsewhere = scope.outer.get(name), scope.every.get(name)
    platform = name in _PLATFORM
    if scope.of_base is None:
        if not platform and (outer is None or extends):
            return None
    elif name in scope.of_base:
        return None
    beside = instruction.pairs if isinstance(instruction, Env) and not extends else ()
    same = next((one for one in beside if one.name == name and one is not use.pair), None)
    declared = same or outer or (elsewhere if not extends and elsewhere is not use.pair else None)
    unclear = declared is None and not platform and len(scope.names) <= _MOST_NAMES
    near = nearest(name, scope.names) if unclear else None
    found = Undefined(name, use.span, instruction, scope.stage, declared, near, extends=extends, argument=False)
    return found._replace(pair=use.pair)
