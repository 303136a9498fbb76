"""Poetry's commands and options that version 2 has taken away, and which version a build has."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Add, Run
from dockerlint_fastapi.model.install.failing import is_rewritten, stops_build
from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Option, Package, Step
    from dockerlint_fastapi.model.install.distributions import Installation
    from dockerlint_fastapi.model.install.failing import Rewrites

    # by stage and plugin: where the first RUN begins that may install it
    _Plugins = dict[tuple[Stage, str], int | None]

_REMOVED = ("--no-dev", "--dev-only", "--remove-untracked")
_PLUGINS = {"export": "poetry-plugin-export", "shell": "poetry-plugin-shell"}
_READING = frozenset(("install", "export", "lock", "update", "build"))  # commands that read the manifest
_MANIFEST = "pyproject.toml"
_ANCIENT = 0  # before 1.2, which has these options and none that take their place
_REQUIRES = r"(?m)^\s*\[tool\.poetry\.requires-plugins\]"


class RemovedOption(NamedTuple):
    """A use of what Poetry 2 lacks. `kind`: `option` (it is gone), `plugin` (the command is in a plugin now), `sync`
    (the option still works, and is deprecated). `major` is Poetry's version, None when it cannot be told.
    """

    kind: str
    run: Run
    step: Step
    option: Option | None
    span: Span
    major: int | None
    origin: Span | None  # what installs Poetry


# Removed from Poetry's repository in January and June 2023 (python-poetry/poetry#7278 and #6676).
_GONE = (
    r"https?://(?:raw\.githubusercontent\.com|github\.com)/(?:python-poetry|sdispater)/poetry/(?:raw/)?"
    r"(?:master|main|HEAD|develop)/((?:get|install)-poetry\.py)"
)


class GoneInstaller(NamedTuple):
    """An address of Poetry's installer at which nothing is any more."""

    name: str
    span: Span


def gone_installers(image: Image) -> Iterator[GoneInstaller]:
    """Where the build of an image fetches Poetry's installer from an address that is no more."""
    if "-poetry.py" not in image.dockerfile.source.text:
        return
    for stage in (*image.lineage, *image.builders):
        for one in stage.instructions:
            text = one.span.text if isinstance(one, Run | Add) and "-poetry.py" in one.span.text else ""
            found = re.search(_GONE, text)
            if found is not None:
                start = one.span.start + found.start()
                yield GoneInstaller(found[1], Span(one.span.source, start, start + len(found[0])))


def removed_options(image: Image) -> Iterator[RemovedOption]:
    """What the RUNs of an image, and of the stages that it copies from, ask of Poetry that version 2 does not know."""
    plugins: _Plugins = {}
    for stage in (*image.lineage, *image.builders):
        for run in stage.of(Run):
            for step in image.steps_of(run):
                if step.manager == "poetry" and step.program.endswith("poetry"):
                    yield from _of_step(image, stage, run, step, plugins)


def _of_step(image: Image, stage: Stage, run: Run, step: Step, plugins: _Plugins) -> Iterator[RemovedOption]:
    if step.subcommand in ("install", "update", "export"):
        for option in step.options:
            if option.name in _REMOVED:
                major, origin = version_at(image, stage, run)
                if major != _ANCIENT:
                    yield RemovedOption("option", run, step, option, option.word.span, major, origin)
            elif option.name == "--sync" and step.subcommand == "install":
                major, origin = version_at(image, stage, run)
                if major == 2:
                    yield RemovedOption("sync", run, step, option, option.word.span, major, origin)
    plugin = _PLUGINS.get(step.subcommand)
    if plugin is not None and not _has_plugin(image, stage, run, plugin, plugins):
        major, origin = version_at(image, stage, run)
        if major == 2:
            yield RemovedOption("plugin", run, step, None, step.head, major, origin)


class UnknownGroup(NamedTuple):
    """Groups that a step names, and that the project has not: `--without dev`."""

    names: tuple[str, ...]
    option: Option  # the first that names one
    installation: Installation
    origin: Span | None  # what installs Poetry


_NAMING = ("--with", "--without", "--only")
_NEWEST = 2
_CHECKING = (1, 5)  # tried: 1.4.2 takes any name, 1.5.1 stops


def unknown_groups(image: Image) -> Iterator[UnknownGroup]:
    """The steps at which Poetry stops with `Group(s) not found`: from 1.5 on, before that the option says nothing."""
    rewrites: Rewrites = {}
    for one in image.installed.steps:
        step = one.step
        if step.manager != "poetry" or step.subcommand not in ("install", "sync") or not step.has(*_NAMING):
            continue
        if len(one.projects) != 1 or not one.projects[0].complete:
            continue
        known = {"main", *one.projects[0].groups}
        named = [(each, _groups_of(each)) for each in step.options if each.name in _NAMING]
        missing = dict.fromkeys(name for _, names in named for name in names if normal_name(name) not in known)
        if not missing or any("$" in name or not name for name in missing):
            continue
        version, origin = _minor(image, one.stage, one.run)
        if version is None:
            major, origin = version_at(image, one.stage, one.run)
            version = (2, 0) if major == _NEWEST else (0, 0)
        certain = origin is not None and version >= _CHECKING
        if certain and stops_build(one.run, step) and not is_rewritten(one, rewrites):
            option = next(each for each, names in named if any(name in missing for name in names))
            yield UnknownGroup(tuple(missing), option, one, origin)


def _groups_of(option: Option) -> tuple[str, ...]:
    return tuple(one.strip() for one in (option.value or "$").split(","))


class TooOld(NamedTuple):
    """A step of a Poetry that refuses the project's manifest: it has what is known from a later version on. `what` is
    the key, or `[project]` where the name of the project stands in that table alone.
    """

    what: str
    since: str
    version: str  # that is installed
    span: Span
    key: Span  # in the manifest
    origin: Span  # what installs Poetry


def refused_manifests(image: Image) -> Iterator[TooOld]:
    """The first step, if any, at which a Poetry of a version that is written out refuses the project's manifest."""
    for stage in (*image.lineage, *image.builders):
        for run in stage.of(Run):
            for step in image.steps_of(run):
                if step.manager != "poetry" or step.subcommand not in _READING or step.conditional:
                    continue
                found = _refused(image, stage, run, step)
                if found is not None:
                    yield found
                    return


def _refused(image: Image, stage: Stage, run: Run, step: Step) -> TooOld | None:
    version, origin = _minor(image, stage, run)
    if version is None or origin is None or version >= (2, 0):
        return None
    from dockerlint_fastapi.model.install.layer_order import context_files  # noqa: PLC0415 - few have an old Poetry

    paths = [path for name in step.reads_manifest if name.endswith(_MANIFEST) for path in context_files(image, name)]
    source = image.project.source_of(paths[0]) if len(set(paths)) == 1 else None
    if source is None:
        return None
    poetry = re.search(r"(?m)^[ \t]*\[tool\.poetry\][^\n]*\n((?:[ \t]*(?![ \t\[])[^\n]*(?:\n|\Z))*)", source.text)
    mode = re.search(r"(?m)^[ \t]*(package-mode)[ \t]*=", poetry[1]) if poetry is not None else None
    shown = ".".join(map(str, version))
    if poetry is not None and mode is not None:
        at = poetry.start(1) + mode.start(1)
        key = source.span(at, at + len(mode[1]))
        return TooOld(mode[1], "1.8", shown, step.head, key, origin) if version < (1, 8) else None
    project = re.search(r"(?m)^[ \t]*(\[project\])[ \t]*(?:#[^\n]*)?\r?$", source.text)
    named = poetry is not None and re.search(r"(?m)^[ \t]*name[ \t]*=", poetry[1])
    if project is None or named:
        return None
    return TooOld("[project]", "2.0", shown, step.head, source.span(*project.span(1)), origin)


def _minor(image: Image, stage: Stage, run: Run) -> tuple[tuple[int, int] | None, Span | None]:
    """Poetry's version in front of a RUN where it is written out, and what installs it."""
    last = _last_install(image, stage, run)
    if last is None:
        return None, None
    text = _requirement(*last)
    written = re.search(r"={2,3}\s*v?([0-9]+)\.([0-9]+)(?:[.\s]|\Z)", text or "")
    return (int(written[1]), int(written[2])) if written is not None else None, last.package.word.span


class PoetryInstall(NamedTuple):
    """A package `poetry` that a step of a stage installs."""

    stage: Stage
    run: Run
    step: Step
    package: Package


def poetry_installs(image: Image) -> dict[Stage, list[PoetryInstall]]:
    """What installs Poetry in the stages of an image and those that it copies from, in order."""
    found: dict[Stage, list[PoetryInstall]] = {}
    for stage in {one: None for each in (image.stage, *image.builders) for one in each.lineage}:
        for run in stage.of(Run):
            for step in image.steps_of(run):
                for package in step.packages if step.action in ("install", "upgrade") else ():
                    if (package.name or "").lower() == "poetry":
                        found.setdefault(stage, []).append(PoetryInstall(stage, run, step, package))
    return found


def _last_install(image: Image, stage: Stage, run: Run) -> PoetryInstall | None:
    """What installed Poetry last, up to the end of a RUN."""
    for one in reversed(stage.lineage):
        for install in reversed(image.poetry_installs.get(one, ())):
            if install.run.span.start <= run.span.start:
                return install
    return None


def _first_run_with(image: Image, stage: Stage, plugin: str) -> int | None:
    """Where the first RUN begins that installs a plugin, or may do so; None when there is none."""
    for one in stage.lineage:
        for run in one.of(Run):
            for step in image.steps_of(run):
                if plugin in step.names or plugin.removeprefix("poetry-plugin-") in step.names or plugin in run.text:
                    return run.span.start
                if any(word.value is None for word in step.requirements) or (step.requirements and one is not stage):
                    return run.span.start
    return None


def _has_plugin(image: Image, stage: Stage, run: Run, plugin: str, plugins: _Plugins) -> bool:
    """Whether the plugin is, or may be, installed: by a step, by the project, or by an upgrade from an older Poetry."""
    if (stage, plugin) not in plugins:
        plugins[stage, plugin] = _first_run_with(image, stage, plugin)
    first = plugins[stage, plugin]
    if first is not None and first <= run.span.start:
        return True
    project = image.project
    for context in image.contexts:
        source = project.source_of(f"{context}/pyproject.toml" if context else "pyproject.toml")
        if source is not None and re.search(_REQUIRES, source.text):
            return True
    return False


def major_at(image: Image, stage: Stage, run: Run) -> int | None:
    """Poetry's major version in a RUN; None when it cannot be told."""
    major = version_at(image, stage, run)[0]
    return 1 if major == _ANCIENT else major


def version_at(image: Image, stage: Stage, run: Run) -> tuple[int | None, Span | None]:
    """Poetry's major version in front of a RUN (0 before 1.2), and what installs it."""
    last = _last_install(image, stage, run)
    return (None, None) if last is None else (_major(image, *last), last.package.word.span)


def _requirement(stage: Stage, run: Run, step: Step, package: Package) -> str | None:
    """Poetry as it is asked for, with the values of variables; None when that cannot be told."""
    text = _of_script(stage, run, step) if step.manager == "script" else package.requirement
    text = re.sub(r"\$\{?(\w+)(?::?-[^}]*)?\}?", lambda found: _value(stage, run, step, found[1]), text)
    return None if "?" in text or "@" in text or "$" in text else text


def _major(image: Image, stage: Stage, run: Run, step: Step, package: Package) -> int | None:
    if step.manager == "script" and "get-poetry" in run.text:
        return _ANCIENT  # which installs nothing from 1.2 on
    text = _requirement(stage, run, step, package)
    if text is None:
        return None
    exact = re.search(r"(={2,3}|~=|\^|@)\s*v?([0-9]+)(?:\.([0-9]+)(\.)?)?", text)
    if exact:
        held = exact[1].startswith("==") or (exact[1] == "~=" and exact[4])
        return _ANCIENT if held and exact[2] == "1" and exact[3] in ("0", "1") else int(exact[2])
    if re.search(r"<\s*=?\s*(2(\.0)*(?![0-9.])|1)", text):
        return 1
    base = image.base_of(stage)[1]
    python = re.match(r"3\.([0-9]+)", (base.python_version if base is not None else None) or "")
    if python and int(python[1]) < 9 and step.manager == "pip":
        return 1 if int(python[1]) > 6 else _ANCIENT  # pip takes the newest release for that Python
    # The last releases for 3.9 are of version 2, too, and of what pip finds it takes only those for its Python.
    return 2 if python and int(python[1]) >= (9 if step.manager == "pip" else 10) else None


def _of_script(stage: Stage, run: Run, step: Step) -> str:
    """The version that an installer's script is told, as a requirement."""
    told = re.search(r"--version[= ]+[\"']?([^\s\"']+)", step.command.span.text if step.command is not None else "")
    value = told[1] if told else step.environment.get("POETRY_VERSION", "")
    if not value:
        value = _value(stage, run, step, "POETRY_VERSION") if "POETRY_VERSION" not in step.environment else "?"
        value = "" if value == "?" and stage.variable("POETRY_VERSION", before=run) is None else value
    return f"=={value}" if value else ""


def _value(stage: Stage, run: Run, step: Step, name: str) -> str:
    """What a variable holds; `?` when that cannot be told."""
    if name in step.environment:
        return step.environment[name] or "?"
    pair = stage.variable(name, before=run)
    return (pair.value if pair is not None else None) or "?"
