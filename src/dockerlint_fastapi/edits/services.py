"""Services of compose files: what they wait for, their health checks, volumes, ports and commands.

As everywhere in `edits`, None is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.edits import compose
from dockerlint_fastapi.edits.words import in_json
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.command import SHELLS
from dockerlint_fastapi.model.compose.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Service
    from dockerlint_fastapi.model.compose.relations import Dependency
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.variables import Part

_POSTGRES = ("postgres", "postgis/postgis", "pgvector/pgvector", "timescale/timescaledb")
_TESTS = {
    # not the socket, which answers too early; `$$` is a dollar sign for the shell of the container
    **dict.fromkeys(_POSTGRES, '["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]'),
    "mysql": '["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"]',
    "mariadb": '["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"]',
    "mongo": '["CMD", "mongosh", "--quiet", "--eval", "db.adminCommand(\'ping\').ok"]',
    "rabbitmq": '["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"]',
    "redis": '["CMD", "redis-cli", "ping"]',
    "valkey/valkey": '["CMD", "valkey-cli", "ping"]',
}
_TIMES = {"interval": "5s", "timeout": "5s", "retries": "5", "start_period": "30s"}
_SLOW = {"rabbitmq": {"interval": "10s", "timeout": "10s"}}  # its test starts a runtime of its own
# Programs that serve: they take the shell's place, so that they get Docker's signals.
_SERVERS = (
    r"(?:exec\s+)?(?:(?:\S*/)?(?:uvicorn|gunicorn|hypercorn|granian|daphne|fastapi)"
    r"|python3?\s+-m\s+(?:uvicorn|gunicorn|hypercorn))\s"
)
_BUILTINS = r"(?:exec|cd|export|set|source|\.|if|for|while|case|true|false|:|exit|test|\[|wait|trap|\w+=\S*)(?:\s|\Z)"
_OPERATOR = r"&&|\|\||[;|&<>()\n]"


def bodies(service: Service) -> Iterator[Mapping]:
    """What each file of the set says of a service, as it is written there."""
    for file in service.file.files:
        for document in file.documents:
            services = document.get("services") if isinstance(document, Mapping) else None
            body = services.get(service.name) if isinstance(services, Mapping) else None
            if isinstance(body, Mapping):
                yield body


def entry_with(service: Service, key: str, span: Span) -> Entry | None:
    """The entry of a service, in whichever file, whose value holds a place. What came by `<<` is the entry of the
    fragment that it came from: who edits it edits that.
    """
    for body in bodies(service):
        entry = body.entry(key)
        if entry is None or entry.value.use is not None or entry.value.span.source.path != span.source.path:
            continue
        if entry.value.span.start <= span.start and span.end <= entry.value.span.end:
            return entry._replace(merged=False)
    return None


def item_with(sequence: Node | None, span: Span) -> Node | None:
    """The item of a list at a place."""
    return sequence.item_at(span) if isinstance(sequence, Sequence) else None


def own_value(service: Service, key: str, value: str) -> Edit | None:
    """Another value of a key for this service alone, whatever fragment it has it from."""
    body = compose.written(service)
    entry = body.entry(key) if body is not None else None
    if body is None or entry is None:
        return None
    return compose.with_key(body, key, value, instead=True) if entry.merged else compose.scalar(entry.value, value)


# -- what is awaited


def condition(service: Service, dependency: Dependency, condition: str) -> Edit | None:
    """Another condition for a dependency. A list of names becomes a mapping, its other names keep theirs."""
    entry = entry_with(service, "depends_on", dependency.span)
    if entry is None:
        if any(one.name == dependency.name for one in service.depends_on) or service.depends_on:
            return None
        return compose.service_key(service, "depends_on", {dependency.name: {"condition": condition}})  # `links`
    return _set(entry, dependency, "condition", condition)


def optional(service: Service, dependency: Dependency) -> Edit | None:
    """Lets a service start without a dependency that is not started."""
    entry = entry_with(service, "depends_on", dependency.span)
    return None if entry is None else _set(entry, dependency, "required", "false")


def _set(entry: Entry, dependency: Dependency, key: str, value: str) -> Edit | None:
    if isinstance(entry.value, Sequence):
        return compose.value(entry, _conditions(entry.value, {dependency.name: {key: value}}))
    own = entry.value.entry(dependency.name) if isinstance(entry.value, Mapping) else None
    if own is None or not isinstance(own.value, Mapping) or own.value.use is not None:
        return None
    there = own.value.entry(key)
    return compose.with_key(own.value, key, value) if there is None else compose.scalar(there.value, value)


def _conditions(names: Sequence, changed: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """A list of services as a mapping to conditions, some of them others than `service_started`."""
    found: dict[str, dict[str, str]] = {}
    for item in names:
        name = item.text if isinstance(item, Scalar) else ""
        found[compose.text(name)] = {"condition": "service_started", **changed.get(name, {})}
    return found


def dependency(service: Service, name: str, condition: str) -> Edit | None:
    """A new dependency, in the syntax that `depends_on` has; a condition makes a mapping of a list."""
    plain = condition == "service_started"
    body = compose.written(service)
    entry = body.entry("depends_on") if body is not None else None
    if entry is None:
        return compose.service_key(service, "depends_on", [name] if plain else {name: {"condition": condition}})
    if entry.merged or entry.value.use is not None:
        return None
    if isinstance(entry.value, Mapping):
        return compose.with_key(entry.value, name, {"condition": condition})
    if not isinstance(entry.value, Sequence):
        return None
    if plain:
        return compose.with_item(entry.value, compose.text(name))
    return compose.value(entry, {**_conditions(entry.value, {}), name: {"condition": condition}})


def started_after(service: Service, other: Service) -> bool:
    """Whether a service is started, directly or through others, after another one."""
    services = service.file.services
    waiting, seen = [service.name], {service.name}
    while waiting:
        one = services.get(waiting.pop())
        for needed in one.depends_on if one is not None else ():
            if needed.name == other.name:
                return True
            if needed.name not in seen:
                seen.add(needed.name)
                waiting.append(needed.name)
    return False


def health_check(container: Container) -> Edit | None:
    """A health check for a service with a published image of a database, cache or broker that has none."""
    service, origin = container.service, container.origin
    if service is None or origin is None or container.health_checked is not False:
        return None
    test = _TESTS.get(origin.full_repository)
    if origin.full_repository == "mongo" and re.match(r"[1-5](?:\.|-|\Z)", origin.tag or ""):
        test = test.replace("mongosh", "mongo") if test is not None else None
    if test is None or origin.full_repository not in table("image_healthchecks")["none"].split():
        return None
    return compose.service_key(
        service, "healthcheck", {"test": test, **_TIMES, **_SLOW.get(origin.full_repository, {})}
    )


def healthy(container: Container, dependency: Dependency, other: Container) -> tuple[Edit, ...] | None:
    """What makes a service wait until another is healthy, with a health check for one that has none."""
    if container.service is None:
        return None
    found = [condition(container.service, dependency, "service_healthy")]
    if other.health_checked is not True:
        found.append(health_check(other))
    made = tuple(one for one in found if one is not None)
    return made if len(made) == len(found) else None


# -- volumes


def data_volume(container: Container, directory: str, beside: Span | None = None) -> tuple[Edit, ...] | None:
    """A named volume for what a service keeps in a directory: one that is declared and used by nobody, not even by a
    service in comments, or a new one. A mount that is meant for it (`beside` is its path) goes there instead.
    """
    service = container.service
    deployment = container.deployment
    if service is None or deployment is None or not directory.startswith("/"):
        return None
    if beside is not None:
        whole = beside.text.startswith("/") and not re.search(r"[\s:\"'$]", beside.text)
        return (Edit(beside, directory),) if whole and entry_with(service, "volumes", beside) is not None else None
    declared = deployment.merged.declared("volumes")
    comments = (one for file in deployment.files for one in re.findall(r"(?m)#.*$", file.source.text))
    remarks = {word for one in comments for word in re.findall(r"[\w.-]+", one)}
    free = [name for name in declared if name not in deployment.mounted_names and name not in remarks]
    # one volume for two databases would spoil both
    name = free[0] if len(free) == 1 and deployment.losing < 2 else f"{service.name}_data"
    mounted = _mounted(service, f"{name}:{directory}")
    if mounted is None:
        return None
    if name in declared:
        return (mounted,) if name in free else None
    file = file_of(service)
    top = compose.top_level(file, "volumes", name) if file is not None else None
    return None if top is None else (mounted, top)


def _mounted(service: Service, item: str) -> Edit | None:
    body = compose.written(service)
    entry = body.entry("volumes") if body is not None else None
    if entry is None:
        return compose.service_key(service, "volumes", [item])
    if entry.merged or not isinstance(entry.value, Sequence):
        return None
    return compose.with_item(entry.value, item)


def without_mount(service: Service, span: Span) -> Edit | None:
    """Removes an entry of `volumes`, and the key with the last one."""
    entry = entry_with(service, "volumes", span)
    sequence = entry.value if entry is not None else None
    item = item_with(sequence, span)
    if item is None or not isinstance(sequence, Sequence):
        return None
    if len(sequence.items) > 1:
        return compose.without_item(sequence, item)
    for body in bodies(service):
        own = body.entry("volumes")
        if own is not None and own.value is sequence:
            return compose.without_key(body, "volumes")
    return None


def another_mount(service: Service, beside: Span, item: str) -> Edit | None:
    """A new entry of `volumes` in the list that another one stands in."""
    entry = entry_with(service, "volumes", beside)
    return compose.with_item(entry.value, item) if entry is not None and isinstance(entry.value, Sequence) else None


def file_of(service: Service) -> ComposeFile | None:
    """The file in which a service is named."""
    return next((one for one in service.file.files if one.source.path == service.span.source.path), None)


# -- ports


def local_port(service: Service, span: Span) -> Edit | None:
    """Publishes a port on the host's own loopback interface only; `span` is the entry of `ports`."""
    entry = entry_with(service, "ports", span)
    item = item_with(entry.value, span) if entry is not None else None
    if isinstance(item, Mapping):
        there = item.entry("host_ip")
        if there is not None:
            return compose.scalar(there.value, "127.0.0.1")
        return _long_port(item)
    if not isinstance(item, Scalar) or item.use is not None:
        return None
    text = re.sub(r"\A(?:0\.0\.0\.0|\[::\])?:(?=\d|\$)|\A(?:0\.0\.0\.0|\[::\]):", "", item.text)
    bare = re.fullmatch(r"[0-9-]+(?:/\w+)?", text) is not None
    new = f"127.0.0.1:{':' if bare else ''}{text}"
    return compose.scalar(item, new) if "\n" not in new else None


def _long_port(item: Mapping) -> Edit | None:
    """`host_ip` in the long syntax, whose first key stands behind the dash."""
    first = min((one for one in item if not one.merged), key=lambda one: one.key.span.start, default=None)
    if first is None or item.use is not None:
        return None
    head = first.key.span.source.line(first.key.span.line)[: first.key.span.column - 1]
    if head.rstrip().endswith("{"):
        return Edit.before(first.key.span, "host_ip: 127.0.0.1, ")
    if not re.fullmatch(r" *- +", head):
        return None
    return Edit.before(first.key.span, "host_ip: 127.0.0.1\n" + " " * len(head))


# -- commands


def in_shell(service: Service, where: Span) -> tuple[tuple[Edit, ...], bool] | None:
    """A command that needs a shell, given to one: its last program takes the place of the shell. Also whether that
    is all that the command can mean: programs joined by `&&`, the last of them a server.
    """
    for key in ("command", "entrypoint"):
        entry = entry_with(service, key, where)
        if entry is None:
            continue
        if isinstance(entry.value, Sequence):
            return _list_in_shell(entry)
        return _string_in_shell(entry.value) if isinstance(entry.value, Scalar) else None
    return None


def _string_in_shell(node: Scalar) -> tuple[tuple[Edit, ...], bool] | None:
    text = node.text.rstrip()
    quotes = [one for one in "\"'" if one not in text and one != node.span.text[:1]]
    if re.search(r"[^\s&<>|]&[^\s&<>|]", text):
        return None  # a part of a word
    if node.use is not None or not quotes or "`" in text or "\\" in text or not text or text != node.text.strip():
        return None
    if any(not line.rstrip().endswith(("&&", "||", "|", ";")) for line in text.split("\n")[:-1]):
        return None  # a line end was a blank, and would end a command
    start = 0
    shell = re.match(rf"(?:\S*/)?(?:{'|'.join(sorted(SHELLS))})\s", text)
    if shell is not None:  # one is there, and gets the first word only
        option = re.compile(r"-[a-z]*c\s+(?=[\w./])").match(text, shell.end())
        if option is None or set(text) & set("\"'"):
            return None
        start = option.end()
    at = _last(text[start:])
    opening = quotes[0] if start else f"sh -c {quotes[0]}"
    edits = [Edit.before(node.locate(start, start + 1), f"{opening}exec " if at == 0 else opening)]
    if at:
        edits.append(Edit.before(node.locate(start + at, start + at + 1), "exec "))
    edits.append(Edit.behind(node.locate(len(text) - 1, len(text)), quotes[0]))
    return tuple(edits), _is_certain(text)


def _list_in_shell(entry: Entry) -> tuple[tuple[Edit, ...], bool] | None:
    words: list[str] = []
    for item in entry.value.items if isinstance(entry.value, Sequence) else ():
        if not isinstance(item, Scalar) or item.use is not None or "\n" in item.text:
            return None
        operator = re.fullmatch(_OPERATOR, item.text) is not None
        plain = operator or re.fullmatch(r"[\w@%+=:,./${}-]+", item.text) is not None
        if not plain and "'" in item.text:
            return None
        words.append(item.text if plain else f"'{item.text}'")
    text = " ".join(words)
    at = _last(text)
    if at is not None:
        text = f"{text[:at]}exec {text[at:]}"
    script = in_json(text)
    span = entry.value.span
    if span.text[:1] == "[":
        edit = Edit(span, f'["sh", "-c", {script}]') if "#" not in span.text else None
    else:
        edit = compose.value(entry, ["sh", "-c", script])
    return None if edit is None else ((edit,), _is_certain(text))


def _last(text: str) -> int | None:
    """Where the last program of a script begins, when it can take the shell's place; None when it cannot."""
    found = [*re.finditer(r"(?:&&|;)\s*(?=\S)", text)]
    if re.search(r"\|\|", text) and not found:
        return None
    at = found[-1].end() if found else 0
    rest = text[at:]
    if re.search(r"\|\||[;|()]|&(?!\d)", re.sub(r"[0-9]?>&[0-9]", "", rest)) or re.match(_BUILTINS, rest):
        return None
    return at


def _is_certain(text: str) -> bool:
    """Whether a script is programs joined by `&&`, the last of them a server."""
    joined = [one for one in re.findall(_OPERATOR, text) if one != "\n"]
    return set(joined) == {"&&"} and re.search(rf"&&\s*{_SERVERS}[^&]*\Z", f"{text} ") is not None


# -- connections


def agreed(part: Part, other: Span) -> Edit | None:
    """A part of a connection setting as another place of a compose file has it."""
    written = other.text.strip("\"'")
    plain = re.fullmatch(r"[\w.-]+|\$\{\w+(?::?[-?][\w.-]+)?\}|\$\w+", written, re.ASCII)
    if plain is None or other.source.private or part.span.source.private or part.span.text != part.text:
        return None
    return Edit(part.span, written)
