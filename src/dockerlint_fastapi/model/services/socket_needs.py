"""Where a project says what one of its services needs Docker's socket for: in a comment, by code that talks to
Docker, by a client of Docker in the image, or by the service's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Run, Transfer
from dockerlint_fastapi.model.evidence import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Source, Span

# The modules by which Python talks to Docker.
_LIBRARIES = frozenset(
    ("aiodocker", "docker", "dockerspawner", "podman", "python_on_whales", "swerex", "testcontainers")
)
# In a module: such an import, the socket's address, or a call of the client.
_IMPORTED = (
    r"(?m)^[ \t]*(?:import|from)[ \t]+"
    r"(?:aiodocker|docker|dockerspawner|podman|python_on_whales|swerex|testcontainers)\b(?=[ \t.,]|$)"
    r"|docker\.sock\b|\bDOCKER_HOST\b|[\"']docker[\"'][ \t]*,"
    r"|[\"'](?:sudo )?docker (?:run|exec|ps|compose|logs|stop|start|restart|inspect|build|pull|stats|cp|rm|kill)\b"
)
_SPEAKS = r"docker|whales|podman|swerex|testcontainers|DOCKER_HOST"
# The packages with Docker's own client: of Debian, Alpine and Docker.
CLIENTS = frozenset(("docker.io", "docker-cli", "docker", "docker-ce-cli", "docker-compose", "docker-compose-plugin"))
_NAMES = frozenset(("docker", "dind", "runner", "sandbox", "sandboxes", "deployer"))
_TESTS = r"(?:\A|/)(?:tests?|conftest\.py|test_[^/]*|[^/]*_test\.py)(?:/|\Z)"
_OF_DOCKER = r"(?i)docker|container|socket|sandbox"
_OF_THE_SOCKET = r"(?i)docker[.\- ]?sock|docker[- ](?:out[- ]of|in)[- ]docker"
_ENTRY = r"- |[\w.-]+:(?:\s|\Z)"  # what is commented out


def declared_need(container: Container, mount: Span) -> Span | None:
    """The comment that tells what a service gets the socket for: beside the mount or right above it, or one about the
    socket in the same service or at the top of the file; else where its code talks to Docker, its image gets a
    client, or its own name, where that says so.
    """
    return (
        next(_comments(mount), None)
        or next(_imports(container), None)
        or next(_clients(container), None)
        or _of_name(container)
    )


def comment(mount: Span) -> Span | None:
    """The same of a comment alone."""
    return next(_comments(mount), None)


def _imports(container: Container) -> Iterator[Span]:
    """Where the code of a container talks to Docker: its application, in whatever function, or its script."""
    from dockerlint_fastapi.model.application import Application  # noqa: PLC0415  # few services get the socket

    application = container.application
    if not isinstance(application, Application):
        yield from (where for _, where in container.read_imports(container, _LIBRARIES))
        return
    for source in application.sources():
        found = re.search(_IMPORTED, source.text) if re.search(_SPEAKS, source.text) is not None else None
        if found is not None and re.search(_TESTS, source.path) is None:
            yield source.span(*found.span())


def _clients(container: Container) -> Iterator[Span]:
    """Where an image installs Docker's client, or copies it from an image of Docker's."""
    image = container.image
    for one in image.instructions if image is not None else ():
        if isinstance(one, Transfer) and one.from_ is not None:
            held = (one.from_.value or "").partition(":")[0].rpartition("/")[2]
            if held == "docker" or any((word.value or "").endswith("/bin/docker") for word in one.sources):
                yield one.from_.span
        elif image is not None and isinstance(one, Run) and "docker" in one.text:
            for step in image.steps_of(one):
                if step.action == "install" and any(package.name in CLIENTS for package in step.packages):
                    yield step.head


def _of_name(container: Container) -> Span | None:
    service = container.service
    return service.span if service is not None and not _NAMES.isdisjoint(tokens(service.name)) else None


def _comments(mount: Span) -> Iterator[Span]:
    source, number = mount.source, mount.line
    behind = source.line(mount.end_line).rpartition(" #")
    if behind[1] and re.search(_OF_DOCKER, behind[2]):
        yield mount
    near, depth = True, _indent(source.line(number))
    inside: list[tuple[int, Span]] = []  # the comments above, with how far the key is indented under which they stand
    for above in range(number - 1, 0, -1):
        line = source.line(above)
        text = line.strip()
        if text.startswith("#"):
            if near and _says(text, _OF_DOCKER):
                yield source.line_span(above)
            elif _says(text, _OF_THE_SOCKET):
                inside.append((depth, source.line_span(above)))
        elif text and (indent := _indent(line)) < depth:
            if indent == 0:  # `services:`; the key of the service was the last one below it
                yield from (where for under, where in inside if under > depth)
                break
            depth = indent
        near = near and (not text or text.startswith("#"))
    yield from _head(source)


def _head(source: Source) -> Iterator[Span]:
    """The comments at the top of a file that are about the socket."""
    for number in range(1, len(source.starts) + 1):
        text = source.line(number).strip()
        if text and not text.startswith("#"):
            return
        if _says(text, _OF_THE_SOCKET):
            yield source.line_span(number)


def _says(comment: str, words: str) -> bool:
    text = comment.lstrip("# ")
    return re.match(_ENTRY, text) is None and re.search(words, text) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
