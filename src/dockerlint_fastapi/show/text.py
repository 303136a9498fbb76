"""The description for people: a tree of deployments, containers and what is known of each."""

from __future__ import annotations

from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dockerlint_fastapi.show.description import (
        Application,
        Build,
        CommandPart,
        Container,
        Dependency,
        Deployment,
        Description,
        Fact,
        HealthCheck,
        Package,
        Place,
        Port,
        Program,
        Script,
        Server,
        Unread,
        Variable,
        Volume,
        Written,
    )

WIDTH = 100  # columns of a list of names, after which it goes on in the next line
MARGIN = 5  # columns in front of a label
LABEL = 12  # columns of the widest label


def render(description: Description, *, color: bool = False) -> str:
    """The description as a tree; empty when nothing was found."""
    paint = Paint(color=color)
    blocks = [_deployment(one, paint) for one in description.deployments]
    if description.images:
        title = paint("strong", "docker run")
        note = "images as they are built, which no service for production starts so"
        blocks.append([f"{title}: {note}", *_tree(description.images, paint, in_development=False)])
    if description.unread:
        rows = [_unread(one, paint) for one in description.unread]
        blocks.append([paint("strong", "Not understood"), *rows])
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _deployment(deployment: Deployment, paint: Paint) -> list[str]:
    files = paint("strong", visible(" + ".join(deployment.files)))
    lines = [f"{files}: {deployment.setting}, {visible(deployment.reason)}"]
    if deployment.incomplete is not None:
        lines[0] += f"; {visible(deployment.incomplete)}"
    return [*lines, *_tree(deployment.containers, paint, in_development=deployment.setting == "development")]


def _unread(one: Unread, paint: Paint) -> str:
    return f"  {visible(one.path)}:{one.place.line}: {paint('warning', visible(one.reason))}"


def _tree(containers: Sequence[Container], paint: Paint, *, in_development: bool) -> Iterator[str]:
    last = len(containers) - 1
    for number, container in enumerate(containers):
        branch, trunk = ("└─ ", "") if number == last else ("├─ ", "│")
        yield paint("frame", branch) + _title(container, paint)
        for label, lines in _rows(container, in_development=in_development):
            style = "warning" if label == "unknown" else "frame"
            for row, line in enumerate(lines):
                name = "" if row else label
                start = f"{paint('frame', trunk)}{' ' * (MARGIN - len(trunk))}"
                yield f"{start}{paint(style, name)}{' ' * (LABEL - len(name))}  {line}".rstrip()


def _title(container: Container, paint: Paint) -> str:
    name = container.service
    if name is None:
        build = container.build
        name = build.dockerfile if build is not None else container.place.path
        if build is not None and build.stage is not None:
            name += f", stage {build.stage}"
    return f"{paint('strong', visible(name))}: {container.role or 'role unknown'}"


def at(place: Place | None) -> str:
    """` (path:line)`; nothing for what no file says."""
    return "" if place is None else f" ({visible(place.path)}:{place.line})"


def _rows(container: Container, *, in_development: bool) -> Iterator[tuple[str, list[str]]]:
    """The labelled lines of one container, those without anything to say left out."""
    rows: list[tuple[str, Iterable[str]]] = []
    if container.development is not None and not in_development:
        rows.append(("development", [f"{visible(container.development.reason)}{at(container.development.place)}"]))
    rows.append(("profiles", [visible(", ".join(container.profiles))] if container.profiles else []))
    rows.append(("image", _image(container)))
    rows.append(("context", _contexts(container.build) if container.build is not None else []))
    if container.base is not None:
        base = container.base
        by = f", from {base.written}" if base.written != base.name else ""
        rows.append(("base image", [f"{visible(base.name + by)}{at(base.place)}"]))
    if container.command is not None:
        parts = container.command.parts
        rows.append(
            ("command", [visible(container.command.text), *(_part(part, lone=len(parts) == 1) for part in parts)])
        )
    rows.append(("scripts", [_script(one) for one in container.scripts]))
    if container.program is not None and container.server is None:
        rows.append(("program", [_program(container.program)]))
    if container.server is not None:
        rows.extend(_server(container, container.server))
    if container.application is not None:
        rows.append(("application", _application(container.application)))
    if container.no_application is not None:
        reason = container.no_application
        rows.append(("application", [f"none: {visible(reason.reason)}{at(reason.place)}"]))
    rows.append(("packages", [_package(one) for one in container.packages]))
    rows.append(("exposed", [f"{visible(one.port)}{at(one.place)}" for one in container.exposed]))
    rows.append(("published", [_port(port) for port in container.ports]))
    if container.network_mode is not None:
        rows.append(("network", [f"{visible(container.network_mode.value)}{at(container.network_mode.place)}"]))
    if container.user is not None:
        rows.append(("user", [_fact(container.user)]))
    if container.health_check is not None:
        rows.append(("health check", _health_check(container.health_check)))
    rows.append(("volumes", [_volume(volume) for volume in container.volumes]))
    rows.append(("environment", _environment(container)))
    rows.append(("depends on", [_dependency(one) for one in container.depends_on]))
    rows.append(("unknown", [f"{one.what}: {visible(one.reason)}{at(one.place)}" for one in container.unknown]))
    for label, lines in rows:
        found = list(lines)
        if found:
            yield label, found


def _image(container: Container) -> Iterator[str]:
    build, image = container.build, container.image
    if build is not None:
        why = {"target": "the target", "last stage": "the last one", "name": "named for shipping"}[build.chosen_by]
        stage = (
            f"stage `{visible(build.stage)}`, {why}" if build.stage is not None else f"stage {build.stage_index}, {why}"
        )
        if build.stage is None and build.chosen_by == "last stage":
            stage = "the last stage" if build.stage_index else "its only stage"
        yield f"built from {visible(build.dockerfile)}, {stage}{at(build.place)}"
        if image is not None:
            yield f"as {visible(image.value)}{at(image.place)}"
    elif image is not None:
        yield f"{visible(image.value)}{at(image.place)}"


def _contexts(build: Build) -> Iterator[str]:
    for context in build.contexts:
        ignored = f"ignore file {visible(context.ignore_file)}" if context.ignore_file else "no ignore file"
        if context.files is None or context.bytes is None:
            yield f"{visible(context.path)} ({ignored}), size unknown"
        else:
            more = "more than " if context.more else ""
            sent = f"{more}{size_in_words(context.bytes)} in {_counted(context.files)} sent"
            yield f"{visible(context.path)} ({ignored}), {sent if context.files else 'nothing of it is sent'}"


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def size_in_words(count: int) -> str:
    """A number of bytes as people write it, in powers of ten."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    size, unit = float(count), "kB"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the last one counts
        size /= 1000
        if size < 999.5:
            break
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"


def _script(script: Script) -> str:
    what = (
        f"{script.path}, which is {script.file}" if script.file is not None else f"{script.path}, written by the build"
    )
    how = "read by a script" if script.sourced else f"run by {script.shell}"
    return f"{visible(what)}{at(script.brought_by)}, {visible(how)}{at(script.run_by)}"


def _application(application: Application) -> Iterator[str]:
    factory = ", a factory" if application.factory else ""
    yield f"{visible(application.name)}{factory}{at(application.place)}"
    count = application.routes
    routes = "1 route" if count == 1 else f"{count} routes"
    yield f"  {routes}" if application.all_routes else f"  {routes} known, there may be more"


def _package(package: Package) -> str:
    version = package.version or package.specifier
    return f"{visible(f'{package.name} {version}'.rstrip())}{at(package.place)}"


def _part(part: CommandPart, *, lone: bool) -> str:
    """Where a part of the command is from; with its text, unless it is all of it."""
    origin = part.origin.replace("base image", "the base image's own")
    form = " in shell form" if part.form == "shell" else ""
    return f"  {origin}{form}{at(part.place)}" + ("" if lone else f": {visible(part.text)}")


def _program(program: Program) -> str:
    script = (
        f" {program.script}" if program.script is not None and program.script.rpartition("/")[2] != program.name else ""
    )
    return visible(program.name + script + _behind(program.wrappers))


def _behind(wrappers: tuple[str, ...]) -> str:
    return f", behind {' and '.join(f'`{wrapper}`' for wrapper in wrappers)}" if wrappers else ""


def _fact(fact: Fact) -> str:
    if fact.origin == "default":
        return f"{visible(fact.value)}, by default{at(fact.place)}"
    if fact.origin == "base image":
        return f"{visible(fact.value)}, by the base image"
    variable = {"environment": ", by an environment variable", "file": ", by a file of settings"}.get(fact.origin, "")
    return f"{visible(fact.value)}{variable}{at(fact.place)}"


def _server(container: Container, server: Server) -> Iterator[tuple[str, list[str]]]:
    wrappers = container.program.wrappers if container.program is not None else ()
    called = f", started by `{visible(server.call.name)}`{at(server.call.place)}" if server.call is not None else ""
    yield "server", [visible(f"{server.kind} {server.subcommand or ''}".rstrip() + _behind(wrappers)) + called]
    for label, fact in (("app", server.app), ("host", server.host), ("port", server.port), ("workers", server.workers)):
        if fact is not None:
            yield label, [_fact(fact)]
    if server.reload is not None:
        word = {"true": "on", "false": "off"}.get(server.reload.value, server.reload.value)
        yield "reload", [_fact(server.reload._replace(value=word))]
    if server.binds is not None and len(server.binds) > 1:
        yield "binds", [", ".join(_bind(bind.host, bind.port) for bind in server.binds)]


def _bind(host: Fact | None, port: Fact | None) -> str:
    if host is not None and port is None and host.value.startswith(("unix:", "fd:")):
        return visible(host.value)
    return visible(f"{host.value if host else '?'}:{port.value if port else '?'}")


def _written(part: Written | None) -> str:
    """A part of a compose value: as Compose reads it, or as written where it holds a variable."""
    return "" if part is None else part.text if part.value is None else part.value


def _port(port: Port) -> str:
    host = f"{_written(port.host_ip)}:" if port.host_ip is not None else ""
    published = _written(port.published) or "a random port"
    target = f"{_written(port.target) or '?'}/{port.protocol or '?'}"
    return f"{visible(host + published)} -> {visible(target)}{at(port.place)}"


def _health_check(check: HealthCheck) -> Iterator[str]:
    if check.state == "none":
        yield "none"
    elif check.state == "inherited":
        yield "the base image's own"
    elif check.state == "off":
        yield f"switched off by {check.origin}{at(check.place)}"
    else:
        yield visible(check.test or "a test that cannot be told")
        form = f", {check.form} form" if check.form is not None else ""
        timing = check.timing._asdict() if check.timing is not None else {}
        words = [f"{name.replace('_', ' ')} {value}" for name, value in timing.items() if value is not None]
        yield "  " + ", ".join([f"{check.origin}{at(check.place)}{form}", *(visible(word) for word in words)])
        for request in check.requests or ():
            yield f"  asks {visible(f'{request.method or str()} {request.url}'.strip())}{at(request.place)}"


def _dependency(one: Dependency) -> str:
    condition = "" if one.condition == "service_started" else f", {one.condition or 'condition unknown'}"
    optional = ", optional" if one.required is False else ""
    return f"{visible(one.service + condition)}{optional}{at(one.place)}"


def _volume(volume: Volume) -> str:
    kind = volume.type or "type unknown"
    source = f"{volume.source} -> " if volume.source is not None else ""
    mode = {True: ", read-only", None: ", perhaps read-only"}.get(volume.read_only, "")
    return f"{visible(source + (volume.target or '?'))}, {visible(kind)}{mode}{at(volume.place)}"


def _environment(container: Container) -> Iterator[str]:
    """The names of the variables by who sets them and in which file, and the files that add some."""
    titles = {
        "compose": "environment",
        "host": "from the host",
        "env_file": "env_file",
        "ENV": "ENV",
        "base image": "the base image",
    }
    groups: dict[tuple[str, str | None], list[Variable]] = {}
    for variable in container.variables:
        path = variable.place.path if variable.place is not None else None
        groups.setdefault((variable.source, path), []).append(variable)
    for (source, _), variables in sorted(groups.items(), key=lambda group: tuple(titles).index(group[0][0])):
        first, *more = _wrapped([visible(variable.name) for variable in variables])
        yield f"{titles[source]}{at(variables[0].place)}: {first}"
        yield from (f"  {line}" for line in more)
    for file in container.env_files:
        optional = ", optional" if file.required is False else ""
        yield f"env_file{at(file.place)}: {visible(file.path)}{optional}"


def _wrapped(names: list[str]) -> list[str]:
    lines = [""]
    for name in names:
        if lines[-1] and len(lines[-1]) + len(name) > WIDTH - 20:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] += f", {name}" if lines[-1] else name
    return lines
