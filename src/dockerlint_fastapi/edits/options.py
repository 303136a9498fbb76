"""Options of a server or another program, with their values."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import dockerfile, requirements, words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.dockerfile import Env
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Argument, Program, Server
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.start.misread_options import MisreadOption

# What a fix names that turns a reloader off.
RELOADING = (
    "command",
    "server:reload",
    "server:reload-delay",
    "server:reload-dir",
    "server:reload-exclude",
    "server:reload-include",
)


def words_of(program: Program, value: Span | None) -> tuple[Argument, ...]:
    """The words of the option that a place belongs to, the option itself or its value; none when it is no option's."""
    argv = program.argv if program.base_script is None else ()
    for at, one in enumerate(argv):
        if value is None or one.span.source is not value.source or not one.span.start <= value.start < one.span.end:
            continue
        if one.text.strip("\"'").startswith("-"):
            return (one,)
        before = argv[at - 1] if at > 1 else None
        if before is not None and (before.value or "").startswith("-") and "=" not in (before.value or ""):
            return (before, one)
    return ()


def without(program: Program, value: Span | None) -> tuple[Edit, ...] | None:
    """Removes the option that a place belongs to, its value with it."""
    found = words_of(program, value)
    return words.without([one.span for one in found]) if found else None


def without_variable(image: Image, where: Span) -> Edit | None:
    """Removes the variable of an ENV that stands in a place."""
    for one in image.every(Env):
        for pair in one.pairs:
            if pair.span.source is where.source and pair.span.start <= where.start < max(pair.span.end, where.end):
                return dockerfile.without_pair(one, pair)
    return None


def behind(server: Server, *values: str) -> Edit | None:
    """New options behind the last word of a server's command line; None when that is code's."""
    if server.call is not None or server.program.base_script is not None or len(server.program.argv) < 2:
        return None
    last = words.last_of(server.program)
    return None if last.value is None or last.value == "--" else words.behind(last.span, *values)


# By which options a server is told to listen everywhere, where it listens on the loopback interface by default.
_HOSTS = {"uvicorn": "--host", "fastapi": "--host", "granian": "--host", "daphne": "--bind"}
_BINDS = ("gunicorn", "hypercorn")  # which take host and port in one
_ALL = "0.0.0.0"  # noqa: S104 - within a container


def open_to_all(server: Server) -> Edit | None:
    """Lets a server listen on all interfaces of its container: another host, or an option where it has none."""
    host = server.host
    if host is not None and host.span is not None:
        return another(host, _ALL) if "[" not in host.span.text else None
    if server.kind in _HOSTS:
        return behind(server, _HOSTS[server.kind], _ALL)
    port = server.port.text if server.port is not None else None
    return behind(server, "--bind", f"{_ALL}:{port}") if server.kind in _BINDS and port is not None else None


def given(server: Server, name: str, there: Value | None, new: str) -> Edit | None:
    """A value for an option: another one in its place, or the option behind the others."""
    return behind(server, name, new) if there is None else another(there, new)


def another(value: Value, new: str) -> Edit | None:
    """Another value of an option or variable where it is written, alone or among other things (`--workers=4`)."""
    part = None if value.span is None else _part(value.span, value.text)
    return None if part is None else Edit(part, new)


def _part(span: Span, text: str) -> Span | None:
    """Where a text stands in a place, as a word of its own and once only."""
    found = list(re.finditer(rf"(?:(?<![\w.-])|(?<=-w)){re.escape(text)}(?![\w.])", span.text))
    if len(found) != 1:
        return None
    return Span(span.source, span.start + found[0].start(), span.start + found[0].end())


def worker_class(container: Container, written: Span | None, name: str) -> tuple[Edit, ...] | None:
    """The worker class of `uvicorn-worker` for gunicorn, which is installed with it."""
    server = container.server
    new = "uvicorn_worker.UvicornH11Worker" if name.endswith("H11Worker") else "uvicorn_worker.UvicornWorker"
    if written is None:
        edit = behind(server, "--worker-class", new) if server is not None else None
    else:
        edit = another(Value(name, written, "option"), new)
    version = "0.3.0" if container.pins_below("uvicorn", 0, 36) else "0.4.0"
    more = requirements.with_distribution(container.image, "uvicorn-worker", version, ("gunicorn", "uvicorn"))
    return None if edit is None or more is None else (edit, *more)


def meant(server: Server, one: MisreadOption) -> tuple[Edit, ...] | None:
    """The option that was meant, where one has the same value; `--bind HOST:PORT` in two, and `--host` and `--port` in
    one, where both are written out.
    """
    argv = server.program.argv
    at = next((number for number, word in enumerate(argv) if word.span.start <= one.span.start < word.span.end), None)
    if at is None or argv[at].span.source is not one.span.source:
        return None
    if re.fullmatch(r"--[a-z][a-z-]*|[\w./]+\.py", one.meant):
        part = _part(argv[at].span, one.written)  # None for `-w4`
        return None if part is None else (Edit(part, one.meant),)
    alone = not {"host", "port"}.intersection(server.options)
    if alone and one.meant.startswith("--host`") and at + 1 < len(argv) and argv[at].value in ("-b", "--bind"):
        found = re.fullmatch(r"([\w.]+):(\d+)", argv[at + 1].value or "")
        edits = (
            words.instead(argv[at].span, "--host"),
            words.instead(argv[at + 1].span, found[1]) if found is not None else None,
            words.behind(argv[at + 1].span, "--port", found[2]) if found is not None else None,
        )
        return tuple(edit for edit in edits if edit is not None) if None not in edits else None
    return None
