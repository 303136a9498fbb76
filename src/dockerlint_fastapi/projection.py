"""What the assembled model says of a project, as plain facts: what a fix must leave as it is, but for what it names.

A fact is said of a subject: a container (a service of a deployment, or an image that no service starts), a stage of a
Dockerfile, or a file. It belongs to one of `aspects.ASPECTS`, the words in which a fix names what it changes. Places
are no part of it, nor is what dlf could not tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dockerlint_fastapi.aspects import ASPECT_OF_KEY, HERE
from dockerlint_fastapi.model.compose.nodes import Mapping, Scalar, items_of
from dockerlint_fastapi.model.context.sent import paths_sent
from dockerlint_fastapi.model.dockerfile import (
    Arg,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Workdir,
)
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.ties import Ties
from dockerlint_fastapi.ties import companies as companies_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from dockerlint_fastapi.finding import Fix
    from dockerlint_fastapi.model.command import Program, Server, Value
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.compose.nodes import Entry, Node
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.dockerfile import Command, Dockerfile, Instruction, Stage, Word
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Span

    Fact = tuple[str, str, object]  # the aspect, of what within it ("" for all), and what is said

    _What = TypeVar("_What")

# What is declared at the top of a compose file.
_DECLARED = {"volumes": "mounts", "networks": "networks", "secrets": "secrets", "configs": "secrets"}


_ABSENT = object()


class Ordered(NamedTuple):
    """Things whose order counts among those that are there both before and after."""

    items: tuple[object, ...]


class Subject(NamedTuple):
    """What facts are said of. `regions` are the stretches of text that say it."""

    key: tuple[str, ...]
    title: str
    facts: dict[tuple[str, str], object]
    regions: tuple[Span, ...]
    settings: tuple[tuple[Span, str, str], ...] = ()  # where single things are said, and what of: aspect, what within
    stages: frozenset[tuple[str, ...]] = frozenset()  # the subjects that its image is made of


def _within(span: Span, region: Span) -> bool:
    return region.source.path == span.source.path and region.start <= span.start <= region.end


class Projection(NamedTuple):
    """A whole project."""

    subjects: dict[tuple[str, ...], Subject]


def projection(project: Project, *, sent: bool) -> Projection:
    """What is said of a project; with `sent`, of the files that builds are sent, too."""
    found: dict[tuple[str, ...], Subject] = {}
    for file in project.dockerfiles:
        if file.template is None and file.backup_of is None:
            found.update((one.key, one) for one in _of_dockerfile(file))
    for one in _of_deployments(project):
        found[one.key] = one
    for container in project.containers:
        subject = _of_container(container, sent=sent)
        found.setdefault(subject.key, subject)
    return Projection(found)


def difference(before: Projection, after: Projection, fixes: Sequence[tuple[Fix, Sequence[Span]]]) -> str | None:
    """What is said otherwise of something than before, though none of some fixes names it; None when there is nothing.
    With each fix come the places that its finding speaks of: it may change what it names of what stands there alone.
    """
    index = _Index(before)
    allowed = [_Allowed(index, fix, places) for fix, places in fixes]
    concerned: dict[tuple[str, ...], list[_Allowed]] = {}
    for one in allowed:
        for key in () if one.everything else one.subjects:
            concerned.setdefault(key, []).append(one)
    anywhere = [one for one in allowed if one.everything]
    for key in dict.fromkeys((*before.subjects, *after.subjects)):
        old, new = before.subjects.get(key), after.subjects.get(key)
        if old is None or new is None:
            continue  # that it is there at all is a fact of what it is a part of
        for aspect, within in _changed(old, new):
            # an ignore file is that of every build from its folder
            able = allowed if aspect == "sent files" else (*concerned.get(key, ()), *anywhere)
            if not any(one.names(aspect, within) for one in able):
                named = any(one.names(aspect, within) for one in allowed)
                what = f"{aspect} `{within}`" if within else aspect
                why = "is not what the finding speaks of" if named else "the fix does not name"
                return f"{old.title}: {what} would be another, which {why}"
    return None


def unrelated(before: Projection, fixes: Sequence[tuple[Fix, Sequence[Span]]]) -> list[list[list[int]]]:
    """The numbers of some fixes in rounds, and in each round by company: fixes of two companies of one round speak of
    files that have nothing to do with each other. What nobody knows the use of has a round of its own, as has what
    changes which files builds are sent.
    """
    company_of = _Index(before).parts()
    rounds: dict[bool | None, tuple[list[int], list[list[str]]]] = {}
    for number, (fix, places) in enumerate(fixes):
        spans = (*places, *fix.places, *(edit.span for edit in fix.edits))
        mine = {company_of.get(span.source.path) for span in spans}
        known = [one for one in mine if one is not None]
        kind = "sent files" in fix.names if len(known) == len(mine) else None
        numbers, things = rounds.setdefault(kind, ([], []))
        numbers.append(number)
        things.append(known if kind is not None else [""])  # these may all have to do with each other
    return [companies_of(numbers, things) for numbers, things in rounds.values()]


def companies(before: Projection) -> dict[str, str]:
    """The files of a project, each with one that stands for all those that have to do with it."""
    return _Index(before).parts()


def changes(before: Projection, after: Projection) -> Iterator[tuple[Subject, str, str]]:
    """Everything that is said otherwise: of what, the aspect, and of what within it."""
    for key, old in before.subjects.items():
        new = after.subjects.get(key)
        for aspect, within in _changed(old, new) if new is not None else ():
            yield old, aspect, within


def _changed(old: Subject, new: Subject) -> Iterator[tuple[str, str]]:
    for fact in dict.fromkeys((*old.facts, *new.facts)):
        was, now = old.facts.get(fact, _ABSENT), new.facts.get(fact, _ABSENT)
        if was == now:
            continue
        if isinstance(was, Ordered) and isinstance(now, Ordered) and _same_order(was.items, now.items):
            continue
        yield fact


def _same_order(was: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Whether those that both have, equally often, stand in one order."""
    before, after = Counter(was), Counter(now)
    both = {one for one, count in before.items() if after[one] == count}
    return [one for one in was if one in both] == [one for one in now if one in both]


_STRETCH = 256  # characters: places are looked for among what is said around them


def _by_stretch(path: str, told: Iterable[tuple[Span, _What]]) -> dict[int, list[tuple[Span, _What]]]:
    """What is said in regions of a file, by the stretches of the file that a region reaches into."""
    found: dict[int, list[tuple[Span, _What]]] = {}
    for region, what in told:
        if region.source.path == path:
            for stretch in range(region.start // _STRETCH, region.end // _STRETCH + 1):
                found.setdefault(stretch, []).append((region, what))
    return found


class _Index:
    """The subjects of a projection by the files that say something of them, and by the stages that they are made of."""

    def __init__(self, before: Projection) -> None:
        self._by_path: dict[str, dict[tuple[str, ...], Subject]] = {}
        self._by_stage: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for key, one in before.subjects.items():
            for span in (*one.regions, *(region for region, _, _ in one.settings)):
                self._by_path.setdefault(span.source.path, {})[key] = one
            for stage in one.stages:
                self._by_stage.setdefault(stage, []).append(key)
        self._near: dict[str, dict[int, list[tuple[Span, Subject]]]] = {}
        self._said: dict[str, dict[int, list[tuple[Span, tuple[str, str]]]]] = {}

    def holding(self, span: Span) -> list[Subject]:
        """The subjects of which something is said around a place."""
        path = span.source.path
        if path not in self._near:
            subjects = self._by_path.get(path, {}).values()
            self._near[path] = _by_stretch(path, ((region, one) for one in subjects for region in one.regions))
        around = self._near[path].get(span.start // _STRETCH, ())
        return list({one.key: one for region, one in around if _within(span, region)}.values())

    def said(self, span: Span) -> list[tuple[str, str]]:
        """What single things are said around a place: aspect, what within."""
        path = span.source.path
        if path not in self._said:
            subjects = self._by_path.get(path, {}).values()
            told = ((region, (aspect, within)) for one in subjects for region, aspect, within in one.settings)
            self._said[path] = _by_stretch(path, told)
        return [about for region, about in self._said[path].get(span.start // _STRETCH, ()) if _within(span, region)]

    def made_of(self, stage: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
        """The keys of the subjects that a stage is a part of."""
        return self._by_stage.get(stage, ())

    def parts(self) -> dict[str, str]:
        """The files of a project, each with one that stands for all those that it has subjects with."""
        files: dict[tuple[str, ...], list[str]] = {}
        for path, subjects in self._by_path.items():
            for key, one in subjects.items():
                files.setdefault(key, [stage[1] for stage in one.stages]).append(path)
        ties = Ties()
        for paths in files.values():
            ties.tie(paths)
        return {path: ties.first(path) for path in self._by_path}


class _Allowed:
    """What one fix may change: what it names, of `subjects`, or of all when nobody knows what uses its place."""

    def __init__(self, index: _Index, fix: Fix, places: Sequence[Span]) -> None:
        named = set(fix.names)
        spans = (*places, *fix.places)
        holding = [index.holding(span) for span in spans]
        held = {one.key: one for found in holding for one in found}
        self.subjects = set(held)
        self.subjects.update(*(_built_from(one, fix, spans) for one in held.values()))
        for stage in [key for key in self.subjects if key[0] == "stage"]:
            self.subjects.update(index.made_of(stage))
        # a finding in a script, a requirements file or an ignore file speaks of whatever uses it
        self.everything = not all(holding) or not self.subjects
        if HERE in named:
            said = [about for span in places for about in index.said(span)]
            named.update(f"{aspect}:{within}" if within else aspect for aspect, within in said)
        self.named = named

    def names(self, aspect: str, within: str) -> bool:
        """Whether it names a fact."""
        return aspect in self.named or f"{aspect}:{within}" in self.named


def _built_from(subject: Subject, fix: Fix, places: Sequence[Span]) -> Iterator[tuple[str, ...]]:
    """The stages of a container's image, when its finding stands in a compose file and the fix is in the Dockerfile."""
    files = {edit.span.source.path for edit in fix.edits}.difference(span.source.path for span in places)
    return (key for key in subject.stages if key[1] in files)


# -- Dockerfiles


def _of_dockerfile(file: Dockerfile) -> Iterator[Subject]:
    """The file as a whole, and its stages."""
    path, shown = file.source.path, file.source.shown
    names = tuple(stage.name or str(stage.index) for stage in file.stages)
    facts: dict[tuple[str, str], object] = {("stages", ""): names}
    facts.update((("arguments", name), value) for arg in file.global_args for name, value in _pairs(arg))
    yield Subject(("file", path), shown, facts, (file.source.span(0, len(file.source.text)),))
    for stage in file.stages:
        last = stage.instructions[-1] if stage.instructions else stage.from_
        region = file.source.span(stage.from_.full_span.start, last.full_span.end)
        title = f"stage `{names[stage.index]}` of {shown}" if len(names) > 1 else shown
        settings = tuple((one.full_span, *about) for one in stage.instructions for about in _about(one))
        yield Subject(("stage", path, names[stage.index]), title, _of_stage(stage), (region,), settings)


def _about(one: Instruction) -> Iterator[tuple[str, str]]:
    """What an instruction says something of."""
    for aspect, within, _ in _of_instruction(one.deferred if isinstance(one, Onbuild) else one, {}):
        apart = aspect in ("environment", "arguments", "labels")
        yield ("on build", "") if one.onbuild else (aspect, within if apart else "")


def _of_stage(stage: Stage) -> dict[tuple[str, str], object]:
    """What the instructions of one stage say, each with what is in force where it stands."""
    facts: dict[tuple[str, str], object] = {}
    lists: dict[str, list[object]] = {}
    from_ = stage.from_
    facts["base", ""] = (_value(from_.image), from_.platform.raw if from_.platform is not None else None)
    force: dict[str, object] = {}  # user, working directory and shell
    order: list[object] = []
    for one in stage.instructions:
        inner = one.deferred if isinstance(one, Onbuild) else one
        for aspect, within, said in _of_instruction(inner, force):
            if one is not inner:
                lists.setdefault("on build", []).append((aspect, within, said))
            elif aspect in _LISTED:
                lists.setdefault(aspect, []).append(said)
            else:
                facts[aspect, within] = said
            if aspect in _IN_ORDER:
                order.append((aspect, within, said))
    for aspect, items in lists.items():
        facts[aspect, ""] = tuple(sorted(map(repr, items)))  # their order is a fact of its own
    facts["order", ""] = Ordered(tuple(map(repr, order)))
    return facts


_LISTED = frozenset(("steps", "files", "exposed", "mounts"))
_IN_ORDER = frozenset(("arguments", "environment", "files", "shell", "steps", "user", "workdir"))


def _of_instruction(one: Instruction, force: dict[str, object]) -> Iterator[Fact]:
    if isinstance(one, Run):
        mounts = tuple(sorted((mount.type, tuple(sorted(mount.options.items()))) for mount in one.mounts))
        flags = tuple(flag.raw for flag in one.flags if flag.name != "mount")
        yield "steps", "", (_command(one.command, one), mounts, flags, tuple(sorted(force.items(), key=str)))
    elif isinstance(one, Transfer):
        options = tuple(sorted((flag.name, flag.value or "") for flag in one.flags))
        where = (_value(one.destination), force.get("workdir"))
        bodies = tuple(heredoc.body for heredoc in one.heredocs)
        yield "files", "", (one.keyword, tuple(map(_value, one.sources)), where, options, bodies)
    elif isinstance(one, Cmd | Entrypoint):
        yield "command", one.keyword, (_command(one.command, one), force.get("shell"))
    elif isinstance(one, Healthcheck):
        yield "health check", "", _check(one)
    elif isinstance(one, Env | Arg | Label):
        aspect = {"ENV": "environment", "ARG": "arguments"}.get(one.keyword, "labels")
        yield from ((aspect, name, value) for name, value in _pairs(one))
    elif isinstance(one, Workdir):
        before, path = force.get("workdir"), _value(one.path)
        force["workdir"] = path if str(path).startswith("/") or before is None else f"{before}/{path}"
        yield "workdir", "", force["workdir"]
    elif isinstance(one, User):
        force["user"] = _value(one.user)
        yield "user", "", force["user"]
    elif isinstance(one, Expose):
        yield from (("exposed", "", _value(word)) for word in one.ports)
    elif isinstance(one, Volume):
        yield from (("mounts", "", _value(path)) for path in one.paths)
    elif isinstance(one, Shell):
        force["shell"] = tuple(map(_value, one.words))
        yield "shell", "", force["shell"]
    elif isinstance(one, Stopsignal):
        yield "stopping", "", _value(one.signal)
    elif isinstance(one, Maintainer):
        yield "labels", "maintainer", one.text


def _check(one: Healthcheck) -> object:
    flags = frozenset((flag.name, flag.value) for flag in one.flags)
    return flags, None if one.command is None else _command(one.command, one)


def _pairs(one: Env | Arg | Label) -> Iterator[tuple[str, object]]:
    return ((pair.name, pair.value if pair.value is not None or not pair.assigned else pair.raw) for pair in one.pairs)


def _value(word: Word) -> str:
    return word.text if word.value is None else word.value


def _command(command: Command, one: Instruction) -> object:
    """A command as it is started."""
    if command.exec_form:
        return tuple(map(_value, command.words))
    return " ".join(command.text.split()), tuple(heredoc.body for heredoc in one.heredocs)


# -- compose files


def _of_deployments(project: Project) -> Iterator[Subject]:
    """What stands at the top of compose files that are used together."""
    for deployment in project.deployments:
        root = deployment.merged.root
        if root is None:
            continue
        paths = tuple(file.source.path for file in deployment.files)
        facts: dict[tuple[str, str], object] = {("services", ""): tuple(sorted(deployment.merged.services))}
        for entry in root:
            name = entry.key.text
            if name in _DECLARED:
                entries = entry.value if isinstance(entry.value, Mapping) else ()
                facts.update(((_DECLARED[name], one.key.text), _plain(one.value)) for one in entries)
            elif name != "services" and not name.startswith("x-"):
                facts["settings", name] = _plain(entry.value)
        regions = tuple(one.source.span(0, len(one.source.text)) for one in deployment.merged.files)
        settings = tuple((entry.span, *_of_top(entry)) for entry in root if entry.key.text != "services")
        yield Subject(("compose", *paths), deployment.files[0].source.shown, facts, regions, settings)


def _of_top(entry: Entry) -> tuple[str, str]:
    name = entry.key.text
    return (_DECLARED[name], "") if name in _DECLARED else ("settings", name)


def _plain(node: Node | None) -> object:
    """A YAML value without its places; a mapping's order does not count."""
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, bool):
            return str(value).lower(), node.tag
        return node.text if value is None or str(value) == node.text else value, node.tag
    if isinstance(node, Mapping):
        return frozenset((entry.key.text, _plain(entry.value)) for entry in node)
    return tuple(map(_plain, items_of(node)))


def _of_service(service: Service) -> Iterator[Fact]:
    for entry in service.body:
        name, node = entry.key.text, entry.value
        aspect = ASPECT_OF_KEY.get(name, "settings")
        if name.startswith("x-") or name in ("extends", "environment"):
            continue  # what they come to is said by itself
        if aspect in ("health check", "resources", "build") and isinstance(node, Mapping):
            for one in node:
                said = "restart" if one.key.text == "restart_policy" else aspect
                yield said, f"{name}.{one.key.text}", _plain(one.value)
        else:
            yield aspect, name, _plain(node)


def _regions_of_service(container: Container) -> Iterator[Span]:
    service, deployment = container.service, container.deployment
    if service is None:
        return
    for file in deployment.merged.files if deployment is not None else ():
        own = file.services.get(service.name)
        if own is not None:
            yield own.span
            if own.body.span.source is own.span.source and own.body.span.start > own.span.start:
                yield own.span._replace(end=own.body.span.end)
            yield own.body.span
    for entry in service.body:
        yield entry.span
        yield entry.value.span


# -- containers


def _of_container(container: Container, *, sent: bool) -> Subject:
    service, image, deployment = container.service, container.image, container.deployment
    facts: dict[tuple[str, str], object] = {}

    def say(found: Iterable[Fact]) -> None:
        facts.update(((aspect, within), said) for aspect, within, said in found)

    if image is not None:
        say(_of_image(image, sent=sent))
    if service is not None:
        say(_of_service(service))
    say(_of_start(container))
    for name, variable in container.variables.items():
        facts["environment", name] = variable.text, variable.origin == "compose" and variable.rendered is None
    for name, value in (image.base.environment if image is not None and image.base is not None else {}).items():
        facts.setdefault(("environment", name), value)
    account = container.account
    facts["user", "in force"] = None if account is None else account.text
    facts["workdir", "in force"] = container.directory
    regions = [*_regions_of_service(container), *(one.span for one in container.variables.values())]
    settings = [(one.span, "environment", name) for name, one in container.variables.items()]
    for entry in service.body if service is not None else ():
        name = entry.key.text
        if name not in ("environment", "extends"):
            aspect = ASPECT_OF_KEY.get(name, "settings")
            settings.append((entry.span, aspect, name if aspect == "settings" else ""))
            settings.append((entry.value.span, aspect, name if aspect == "settings" else ""))
    said = tuple(settings)
    own = (*image.lineage, *image.builders) if image is not None else ()
    stages = frozenset(("stage", one.dockerfile.source.path, one.name or str(one.index)) for one in own)
    if image is not None:
        text = image.dockerfile.source
        regions.append(text.span(0, len(text.text)))
    if service is not None and deployment is not None:
        paths = tuple(file.source.path for file in deployment.files)
        return Subject(
            ("service", service.name, *paths), f"service `{service.name}`", facts, tuple(regions), said, stages
        )
    assert image is not None  # noqa: S101 - a container has one or the other
    stage = image.stage.name or str(image.stage.index)
    return Subject(
        ("image", image.dockerfile.source.path, stage),
        f"the image of {text.shown}",
        facts,
        tuple(regions),
        said,
        stages,
    )


def _of_image(image: Image, *, sent: bool) -> Iterator[Fact]:
    yield "base", "in force", image.base_name
    for one in (image.entrypoint, image.cmd):
        if one is not None:
            yield "command", one.keyword, (_command(one.command, one), tuple(one.command.shell or ()))
    check = image.healthcheck
    if check is not None:
        yield "health check", "", _check(check)
    yield "exposed", "", tuple(sorted(_value(word) for expose in image.exposes for word in expose.ports))
    yield "mounts", "", tuple(sorted(_value(path) for volume in image.every(Volume) for path in volume.paths))
    stop = image.stopsignal
    yield "stopping", "", None if stop is None else _value(stop.signal)
    for build in image.builds if sent else ():
        if build.certain:
            yield "sent files", build.context, frozenset(paths_sent(build))


def _of_start(container: Container) -> Iterator[Fact]:
    """What runs, and the server's settings."""
    yield "command", "in force", tuple(map(_program, container.programs))
    if container.probe is not None:
        yield "health check", "in force", tuple(map(_program, container.probe.programs))
    server = container.server
    if server is not None:
        yield from (("server", name, said) for name, said in _of_server(server))


def _program(program: Program) -> object:
    words = tuple(argument.text if argument.value is None else argument.value for argument in program.argv)
    inner = tuple(sorted((name, value or "") for name, value in program.environment.items()))
    return words, program.wrappers, program.shell, program.execs, program.background, inner, program.moves


def _of_server(server: Server) -> Iterator[tuple[str, object]]:
    def text(value: Value | None) -> str | None:
        return None if value is None else value.text

    yield "kind", (server.kind, server.subcommand)
    for name in ("app", "host", "port", "workers", "reload"):
        yield name, text(getattr(server, name))
    for name, value in server.options.items():
        if name not in ("host", "port", "workers", "reload", "bind"):
            yield name, value.text
    binds = server.binds
    yield "bind", None if binds is None else tuple((text(one.host), text(one.port)) for one in binds)
