"""Health checks that ask a server over HTTP in Python, which is in its image anyway."""

from __future__ import annotations

import re

from dockerlint_fastapi import edits
from dockerlint_fastapi.edits import dockerfile
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.compose.nodes import Mapping
from dockerlint_fastapi.model.health.probe import Probe, Request
from dockerlint_fastapi.model.image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.compose.settings import Setting
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.dockerfile import Healthcheck
    from dockerlint_fastapi.model.network.listening import Listening
    from dockerlint_fastapi.source import Span

# The times of the guide.
_FLAGS = "--interval=30s --timeout=5s --start-period=10s --retries=3"
_TIMES = {"interval": "30s", "timeout": "5s", "retries": "3", "start_period": "10s"}
_IPV4 = ("0.0.0.0", "127.0.0.1", "localhost")  # noqa: S104 - where a server listens
# A variable at the end of a shell's word, or one that Python asks for, each with its default.
_VARIABLE = (
    r"\A[^\s$]*(?:\$\w+:)?\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)(?::?-(?P<default>\d+))?\})[\"']?\Z"
    r"|(?:getenv|environ\.get)\(\s*[\"'](?P<asked>\w+)[\"'],\s*[\"']?(?P<given>\d+)"
)
# Options of curl and wget that Python's request needs no counterpart for.
_PLAIN = (
    r"-[fsSLq]+|--(?:fail|silent|show-error|location|quiet|spider|no-verbose|fail-with-body)|-nv|-q?O-?|-o"
    r"|/dev/null|-|--tries=\d+|-[Tmt]|--(?:timeout|max-time|connect-timeout|tries)(?:=\d+)?|\d+|-[Tmt]\d+|-qO-?|-O/dev/null"
)


def added(container: Container) -> Edit | None:
    """A health check for a server that has none: in the Dockerfile; in compose when other services of the image run
    something else, which that check would find unhealthy.
    """
    image, words = container.image, probe_of(container)
    if image is None or words is None:
        return None
    from dockerlint_fastapi.model.health.unchecked import worker_comment  # noqa: PLC0415 - asked of faulty images

    others = [one for one in image.containers if one is not container and one.probe is None]
    shared = any(not _alike(one, container) for one in others) or worker_comment(image) is not None
    if _set_by_service(container) or shared:
        if container.service is None:
            return None
        test = dockerfile.array(words)
        test = f'["CMD", {test[1:]}'
        return edits.compose.service_key(container.service, "healthcheck", {"test": test, **_TIMES})
    command = "cmd" if dockerfile.is_lower(image.dockerfile) else "CMD"
    text = f"HEALTHCHECK {_FLAGS} {image.dockerfile.escape}\n    {command} {dockerfile.array(words)}"
    return dockerfile.before_start(image.stage, text)


def _set_by_service(container: Container) -> bool:
    """Whether compose says at which port the server listens."""
    found, image = container.listening, container.image
    where = found.port.span if found is not None and found.port.origin != "default" else None
    return where is not None and image is not None and where.source.path.endswith((".yml", ".yaml", ".env"))


def _alike(one: Container, other: Container) -> bool:
    """Whether two containers of an image answer at the same port."""
    return (
        one.listening is not None and other.listening is not None and bool(one.listening.ports & other.listening.ports)
    )


def probe_of(container: Container) -> tuple[str, ...] | None:
    """The words of a health check in Python that asks a container's server for its health route, for `/` when it has
    none, and for a connection when nothing is known of its routes.
    """
    from dockerlint_fastapi.model.application.health import health_path  # noqa: PLC0415 - reads the application

    found, python = container.listening, _python(container.image)
    if found is None or not found.port.number or not found.shown or python is None:
        return None
    path = health_path(container)
    return None if (host := _host(container)) is None else _words(python, host, _port(container, found), path)


def _port(container: Container, found: Listening) -> str:
    """The port as Python code: a number, or the variable that the start itself reads it from, with the start's default:
    a platform may set another.
    """
    span = found.port.span
    if span is None or span.source.path.endswith((".yml", ".yaml", ".env")):
        return found.port.text
    named = re.search(_VARIABLE, span.text)
    name = next(filter(None, named.group("plain", "braced", "asked")), None) if named is not None else None
    if named is None or name is None:
        return found.port.text
    value, default = container.environment.get(name), named["default"] or named["given"]
    here = value.text if isinstance(value, Value) else default
    return f"os.environ.get('{name}', '{default or here}')" if here == found.port.text else found.port.text


def instead(node: Image | Container, probe: Probe) -> tuple[tuple[Edit, ...], bool] | None:
    """A health check in Python in place of one by curl or wget, and whether it asks for the very same; None when the
    test does more than ask for one URL.
    """
    image = node if isinstance(node, Image) else node.image
    container = _asked(node, probe)
    request = _only_request(container.probe if container is not None and container.probe is not None else probe)
    python = _python(image)
    if image is None or request is None or python is None or request.port is None or request.path is None:
        return None
    port, same, host = request.port.text, "$" not in probe.span.text, "localhost"
    if image.base is not None and image.base.variant == "full":
        return None  # which has both, and somebody took them away
    if container is not None and container.listening is not None and request.host is not None:
        if not container.listening.shown or not container.asks_itself(request):
            return None
        if container.answers(request) is False:
            port = container.listening.port.text
        host = _host(container) or host
    elif request.host is None or request.host.text not in _IPV4:
        return None
    words = _words(python, host, port, request.path.text)
    edit = _replaced(node, image, probe, words) if words is not None else None
    return None if edit is None else (edit, same)


def _replaced(node: Image | Container, image: Image, probe: Probe, words: tuple[str, ...]) -> tuple[Edit, ...] | None:
    """The words as the test of a HEALTHCHECK, with the guide's times where it has none, or of a service."""
    check = image.healthcheck
    if check is not None and check.command is not None and probe.span.source is check.span.source:
        edit = dockerfile.arguments(check, f"CMD {dockerfile.array(words)}")
        if edit is None or check.flags or "\n" in check.span.text:
            return None if edit is None else (edit,)
        # it could never pass, so that nobody relies on Docker's own times
        return edit, dockerfile.with_flag(check, f"{_FLAGS} {image.dockerfile.escape}\n   ")
    service = None if isinstance(node, Image) else node.service
    body = service.node("healthcheck") if service is not None else None
    entry = body.entry("test") if isinstance(body, Mapping) else None
    new = None if entry is None else edits.compose.value(entry, f'["CMD", {dockerfile.array(words)[1:]}')
    return None if new is None else (new,)


def _asked(node: Image | Container, probe: Probe) -> Container | None:
    """The container that a test is for: itself, or one of the image, first one that starts a server as it is built."""
    if not isinstance(node, Image):
        return node
    same = [one for one in node.containers if one.probe is not None and one.probe.span == probe.span]
    return min(same, key=lambda one: (one.listening is None, not one.as_built), default=None)


def _only_request(probe: Probe) -> Request | None:
    """The one thing that a test asks for over HTTP, by curl or wget with plain options, or by the one where the other
    fails; None when it does more.
    """
    requests = probe.requests or ()
    asked = {
        (one.scheme, *(part.text if part is not None else None for part in (one.host, one.port, one.path)))
        for one in requests
    }
    clients = [one for one in probe.programs if one.name not in ("exit", "false", "true")]
    if len(asked) != 1 or len(clients) != len(requests) or requests[0].scheme != "http":
        return None
    names = {client.name for client in clients}
    if probe.script is not None and any(one.program not in (*names, "exit", "sh") for one in probe.script.commands):
        return None
    return requests[0] if all(_plain(one, two.span) for one, two in zip(clients, requests, strict=True)) else None


def _plain(client: Program, url: Span) -> bool:
    """Whether a client is curl or wget, and asks for a URL with nothing beside it that matters."""
    if client.name not in ("curl", "wget") or client.wrappers not in ((), ("sh -c",)) or "?" in url.text:
        return False
    for one in client.argv[1:]:
        if one.span.start <= url.start < one.span.end:
            if "$" in re.sub(r"\A[\"']?(?:\w+://)?[^/]*", "", one.text):
                return False  # a path that the shell makes
        elif one.value is None or not re.fullmatch(_PLAIN, one.value):
            return False
    return True


def _python(image: Image | None) -> str | None:
    """The name under which an image certainly has Python."""
    return None if image is None else next((name for name in ("python", "python3") if image.has(name)), None)


def _host(container: Container) -> str | None:
    """What a server is asked by from within its container; None for one that speaks TLS, or listens elsewhere."""
    server = container.server
    if server is None:
        return "127.0.0.1"  # that of a base image
    if any(name.startswith(("ssl", "cert", "key")) for name in server.options):
        return None
    host = server.host.text if server.host is not None else None
    return "127.0.0.1" if host in _IPV4 else "[::1]" if host in ("::", "[::]", "::1") else None


def _words(python: str, host: str, port: str, path: str | None) -> tuple[str, ...] | None:
    plain = port.isdecimal()
    if path is None:
        bare, number = host.strip("[]"), port if plain else f"int({port})"
        modules = "socket" if plain else "os, socket"
        return (python, "-c", f"import {modules}; socket.create_connection(('{bare}', {number}), timeout=3)")
    if re.search(r"[^A-Za-z0-9_./~%+-]", path):
        return None
    url = f"'http://{host}:{port}{path}'" if plain else f"'http://{host}:' + {port} + '{path}'"
    modules = "urllib.request as u" if plain else "os, urllib.request as u"
    return (python, "-c", f"import {modules}; u.urlopen({url}, timeout=3)")


def timed(node: Image | Container, name: str, time: str) -> Edit | None:
    """A time for the HEALTHCHECK of an image, or for the health check of a service."""
    if isinstance(node, Image):
        check = node.healthcheck
        flag = f"--{name.replace('_', '-')}={time}"
        if check is None or check.command is None:
            return None
        whole = f"--interval=30s {flag} --retries=3" if name == "timeout" and not check.flags else flag
        return _behind_flags(check, whole)
    body = node.service.node("healthcheck") if node.service is not None else None
    return edits.compose.with_key(body, name, time) if isinstance(body, Mapping) else None


def _behind_flags(check: Healthcheck, flag: str) -> Edit:
    return Edit.behind(check.flags[-1].span, f" {flag}") if check.flags else dockerfile.with_flag(check, flag)


def other_time(setting: Setting | None, time: str) -> Edit | None:
    """Another time where one is written, in a flag or as a value."""
    if setting is None:
        return None
    found = re.fullmatch(r"(--[\w-]+=|[\"']?)([\w.]+)[\"']?", setting.span.text)
    if found is None:
        return None
    start = setting.span.start + found.start(2)
    return Edit(setting.span._replace(start=start, end=start + len(found[2])), time)
