"""What cannot be told of a project, each thing with one short reason."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Unknown as NotKnown
from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.environment.interpolation import references
from dockerlint_fastapi.show.description import Place, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi import model
    from dockerlint_fastapi.model import compose
    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.command import Program, Server
    from dockerlint_fastapi.model.dockerfile import Dockerfile
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Span


def fault_of(file: Dockerfile | ComposeFile) -> tuple[Span, str]:
    """Why a file is not understood, or not all of it, and where; an empty reason when nothing is wrong."""
    start = file.span
    if file.template is not None:
        return file.template, "a template: render it first"
    if not isinstance(file, ComposeFile) and file.backup_of is not None:
        return start, f"an earlier state of `{file.backup_of.shown}` that nothing builds"
    if file.problems:
        count = len(file.problems)
        what = "1 fault of syntax" if count == 1 else f"{count} faults of syntax"
        return file.problems[0].span, f"{what}, which `dlf check` explains"
    if isinstance(file, ComposeFile):
        if file.foreign:
            return start, "is YAML of something else than Compose"
        if file.legacy is not None:
            return file.legacy, "its services stand outside `services:`, as before version 2"
        return start, "" if file.services or file.includes else "has no services"
    return start, "" if file.stages else "has no FROM"


def unknowns_of(container: model.Container, base: BaseImage | None) -> Iterator[Unknown]:
    """What cannot be told of a container. `base` is what is known of the image that it begins with, if anything is."""
    service, image = container.service, container.image
    if service is not None and not (service.build is None and service.image is not None) and image is None:
        yield _of_build(container, service)
    if image is not None and image.base is None and not image.scratch:
        word = image.lineage[0].from_.image
        place = Place.of(word.span)
        if not word.value:
            yield Unknown("base image", f"`{word.text}` holds a variable that no file sets", place)
        else:
            yield Unknown("base image", f"nothing is known of what `{word.value}` sets and starts", place)
    if image is not None and image.base_name is None and service is not None and service.build is not None:
        word = image.lineage[0].from_.image
        names = frozenset(re.findall(r"\$\{?(\w+)", word.text))
        for argument in service.build.args:
            if argument.name in names:
                yield Unknown("base image", f"the build argument `{argument.name}` chooses it", Place.of(argument.span))
    if image is None and service is not None and service.build is None and service.image is not None and base is None:
        name = service.image
        what = name.text if name.value is None else name.value
        yield Unknown("image", f"nothing is known of what `{what}` sets and starts", Place.of(name.span))
    if image is not None and not image.contexts_named:
        yield Unknown("build context", _which_context(image), Place.of(image.span))
    if image is not None and image.base is not None and not (service is not None and _starts(service)):
        yield from _of_base(image, image.base)
    yield from _of_command(container)
    if container.server is not None:
        yield from _of_server(container, container.server)
        yield from _of_application(container, container.server)
    yield from _of_user(container)
    if service is not None:
        check = service.healthcheck
        if check is not None and check.test is not None and check.form is None and not check.disabled:
            yield Unknown("health check", "its test is of no form that can be told", Place.of(check.span))
        for file, use in zip(service.env_files, container.env_files, strict=False):
            if use.file is None:
                path = file.path.text if file.path.value is None else file.path.value
                why = f": {use.why}" if use.why else ""
                yield Unknown("environment", f"env_file `{path}` is not read{why}", Place.of(file.span))
        yield from _of_variables(service, container.deployment)


def _starts(service: compose.Service) -> bool:
    """Whether a service names what it starts."""
    return service.entrypoint is not None or (service.command is not None and not service.command.cleared)


def _of_base(image: Image, base: BaseImage) -> Iterator[Unknown]:
    """What is not known of a base image that is known as such."""
    if image.entrypoint is None and image.cmd is None and base.cmd is None:
        place = Place.of(image.lineage[0].from_.image.span)
        yield Unknown("command", f"it is not known what `{base.reference.text}` starts by itself", place)


def _of_build(container: model.Container, service: compose.Service) -> Unknown:
    """Why the build of a service cannot be followed to a stage."""
    build = service.build
    if build is None:
        return Unknown("image", "the service names neither `image` nor `build`", Place.of(service.span))
    place = Place.of(build.span)
    if build.inline is not None:
        return Unknown("image", "`dockerfile_inline` is not read", Place.of(build.inline.span))
    for one in (build.context, build.dockerfile):
        if one is not None and one.intended is None:
            return Unknown("image", f"`{one.text}` holds a variable that no file sets", Place.of(one.span))
    if build.target is not None and build.target.value is None:
        place = Place.of(build.target.span)
        return Unknown("image", f"`{build.target.text}` holds a variable that no file sets", place)
    context = "." if build.context is None else build.context.intended or "."
    if "://" in context or context.startswith("git@"):
        return Unknown("image", "it is built from another place than this project", place)
    path = container.deployment.merged.dockerfile_of(build) if container.deployment is not None else None
    if container.deployment is not None and path is None:
        return Unknown("image", "its Dockerfile lies outside the project", place)
    if container.deployment is None:
        return Unknown("image", "its build cannot be followed", place)
    target = build.target
    return Unknown(
        "image",
        f"`{path}` is not there, or cannot be read"
        if target is None
        else f"`{path}` is not there, or has no stage `{target.text}`",
        place,
    )


def _of_command(container: model.Container) -> Iterator[Unknown]:
    """Why it is not known what runs."""
    service, program = container.service, container.program
    for setting in (service.entrypoint, service.command) if service is not None else ():
        if setting is not None and setting.arguments is None:
            yield Unknown("command", "it cannot be split into words", Place.of(setting.span))
            return
    read = {script.runner.span for script in container.scripts}
    if container.server is not None and container.server.call is not None:
        read.add(container.server.program.span)
    for one in container.programs:
        reason = _reading(one)
        if reason is not None and one.span not in read:
            # the ENTRYPOINT that a known base image brings has the place of its FROM
            own = container.image is not None and _begins_at(one.span, container.image.lineage[0].from_.image.span)
            yield Unknown("command", f"the base image's own {reason}" if own else reason, Place.of(one.span))
    if program is None and len(container.programs) > 1:
        yield Unknown("program", "branches start different ones", Place.of(container.programs[0].span))
    elif (
        program is None and container.image is not None and container.start_span is not None and not container.programs
    ):
        yield Unknown(
            "program", "the base image may put an ENTRYPOINT in front of the command", Place.of(container.start_span)
        )


def _begins_at(span: Span, other: Span) -> bool:
    return span.source is other.source and span.start == other.start


def _reading(program: Program) -> str | None:
    """Why it is not known what one program does; None when it is, as far as its name goes."""
    if not program.name:
        return f"`{_brief(program.argv[0].text)}` names no program that can be told" if program.argv else None
    if program.role is not None and program.known:
        return None
    if program.name in {".", "source"}:
        return f"what `{program.name}` reads there is not known"
    if program.script is not None:
        return f"script `{program.script}` is not read"
    if program.role is not None:
        return None
    return None if program.known else f"`{program.name}` is no program that dlf knows"


def _brief(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _of_server(container: model.Container, server: Server) -> Iterator[Unknown]:
    """The settings of a server that cannot be told, by reason. A socket that is not TCP has no port."""
    socket = server.host is not None and server.host.text.startswith(("unix:", "fd:"))
    settings = {
        "app": server.app,
        "host": server.host,
        "port": server.port,
        "workers": server.workers,
        "reload": server.reload,
    }
    reasons: dict[str, list[str]] = {}
    for name, value in settings.items():
        if value is None and not (socket and name == "port"):
            reasons.setdefault(_why(container, server, name), []).append(name)
    for reason, names in reasons.items():
        yield Unknown(", ".join(names), reason, Place.of(server.program.span))


def _why(container: model.Container, server: Server, name: str) -> str:
    """Why a setting of a server cannot be told: the likeliest reason."""
    hidden = next((one for one in server.program.argv[1:] if one.value is None), None)
    environment = container.environment.seen_by(server.program)
    if hidden is not None and (name in ("app", "host", "port") or environment.closed):
        # `${_}` is what a variable of Compose's became within a script
        text = hidden.span.text if "${_}" in hidden.text else hidden.text
        return f"`{_brief(text)}` has no value that can be told"
    if server.config is not None:
        return f"`{server.config.text}` is not read"
    if name == "app":
        return "none is named, and the code is not read"
    if server.program.inherits is None:
        return "something on the way may set a variable for it"
    if not environment.closed:
        service = container.service
        return f"{'an env_file' if service is not None and service.env_files else 'the base image'} may set it"
    if server.kind == "gunicorn":
        return "a `gunicorn.conf.py` may set it, and is not read"
    return "an environment variable without a known value may set it"


def _of_application(container: model.Container, server: Server) -> Iterator[Unknown]:
    """Why it is not known what the server serves, and whether its package is there."""
    search = container.search
    found = search.result if search is not None else None
    if search is not None and isinstance(found, NotKnown) and search.why:
        yield Unknown("application", search.why, Place.of(server.program.span))
    image = container.image
    package = image.distributions if image is not None else None
    if package is not None and isinstance(package.get(server.kind), NotKnown):
        doubt = next(iter(package.doubts), None)
        if doubt is not None:
            yield Unknown("packages", doubt.reason, None if doubt.span is None else Place.of(doubt.span))


def _of_user(container: model.Container) -> Iterator[Unknown]:
    if container.account is not None:
        return
    image = container.image
    chosen = container.service.user if container.service is not None else None
    if chosen is not None:
        yield Unknown("user", f"`{chosen.text}` holds a variable that no file sets", Place.of(chosen.span))
    elif image is not None and image.user is not None:
        word = image.user.user
        yield Unknown("user", f"`{word.text}` holds a variable that no file sets", Place.of(word.span))
    elif image is not None and image.base is not None:
        word = image.lineage[0].from_.image
        yield Unknown("user", f"`{image.base.reference.text}` may set any", Place.of(word.span))


def _of_variables(service: compose.Service, deployment: model.Deployment | None) -> Iterator[Unknown]:
    """The variables that decide what is shown and have neither value nor default: compose takes them from the shell, or
    from a `.env` that is not read.
    """
    names: dict[str, Span] = {}
    for setting in _settings(service):
        if setting.value is None:
            for one in references(setting.text):
                if one.operator in ("", "?", ":?") and service.lookup(one.name) is None:
                    names.setdefault(one.name, setting.span)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        dotenv = deployment.dotenv if deployment is not None else None
        why = ""
        if dotenv is not None and dotenv.file is None and dotenv.why not in (None, "it is not there"):
            why = f", and `{dotenv.path}` is not read: {dotenv.why}"
        yield Unknown("variables", f"no value for {listed} in the files{why}", Place.of(next(iter(names.values()))))


def _settings(service: compose.Service) -> Iterator[compose.Setting]:
    """The settings of a service that are shown and can hold variables."""
    for one in (service.image, service.user):
        if one is not None:
            yield one
    for port in service.ports:
        yield from (part for part in (port.host_ip, port.published, port.target) if part is not None)
    for mount in service.volumes:
        yield from (part for part in (mount.source, mount.target) if part is not None)


def _which_context(image: Image) -> str:
    """Why the folder from which an image is built is not known for sure."""
    known = [build.context or "." for build in image.builds if build.certain]
    if known:
        return f"no compose file builds it; taken to be `{known[0]}`"
    if len(image.contexts) == 1:
        return "no compose file builds it"
    return f"no compose file builds it, and {len(image.contexts)} folders fit"
