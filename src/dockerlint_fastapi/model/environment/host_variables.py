"""Variables in compose commands that are meant for the container and that Compose fills in itself, as a rule with
nothing: `$NAME` in any value of a compose file is Compose's own, only `$$NAME` reaches the container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS
from dockerlint_fastapi.model.compose import Mapping, Scalar, Sequence
from dockerlint_fastapi.model.environment.interpolation import in_file, references
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Node, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.environment.variables import ContainerVariable
    from dockerlint_fastapi.model.project import Project

# What the shell that starts Compose has, as a rule.
OF_THE_HOST = frozenset("HOME PWD USER LOGNAME PATH SHELL HOSTNAME UID GID TMPDIR OLDPWD LANG TERM".split())

# A line of a readme, and the block of variables right below it.
_BLOCK = pattern(
    r"(?m)^([^\n]+)\n\s{0,20}(?:```|~~~)[^\n]*\n"
    r"((?:[ \t]*(?:#[^\n]*|(?:export[ \t]+)?\w+[ \t]*=[^\n]*)?\n)+)[ \t]*(?:```|~~~)"
)

_RUN = ("entrypoint", "command", "healthcheck")  # where a variable of the container may be meant


class HostVariable(NamedTuple):
    """One reference that Compose resolves and that the container was to resolve."""

    name: str
    text: str  # as written: `$NAME`, `${NAME}`
    span: Span
    key: str  # where it stands: `command`, `entrypoint`, `healthcheck`
    meant: ContainerVariable | None  # of the container; None for a variable of the script itself
    in_shell: bool  # a shell of the container reads it

    @property
    def escaped(self) -> str:
        """The same as the container would get it."""
        return f"${self.text}"


def host_variables(container: Container) -> Iterator[HostVariable]:
    """The references without a default in a service's commands and test that name a variable of the container, or of
    the script, and none that Compose is known or shown to have.
    """
    service, deployment = container.service, container.deployment
    if service is None or deployment is None:
        return
    for key, scalar in _commands(service):
        lookup = in_file(service.lookup, scalar.span.source.path)
        for one in references(scalar.text):
            if one.operator or one.name in OF_THE_HOST or isinstance(lookup(one.name), str):
                continue
            meant = container.variables.get(one.name)
            if meant is None and not _made_by(scalar.text, one.name):
                continue
            if meant is not None and _comes_from_host(meant, deployment):
                continue
            if meant is not None and not meant.certain and not _is_left_out(one.name, container, deployment):
                continue
            if not _known_to_host(one.name, deployment):
                text = scalar.text[one.start : one.end]
                span, shell = scalar.locate(one.start, one.end), _is_script(service, key, scalar)
                yield HostVariable(one.name, text, span, key, meant, shell)


def _commands(service: Service) -> Iterator[tuple[str, Scalar]]:
    """The strings of what a service runs, with the key that holds them."""
    nodes: list[tuple[str, Node | None]] = [(key, service.node(key)) for key in ("entrypoint", "command")]
    nodes.append(("healthcheck", service.node("healthcheck", "test")))
    for key, node in nodes:
        items = node.items if isinstance(node, Sequence) else (node,)
        if key == "healthcheck" and items and isinstance(items[0], Scalar) and items[0].text == "CMD-SHELL":
            items = items[:2]  # what follows the script is read by nobody
        for item in items:
            if isinstance(item, Scalar) and isinstance(item.value, str) and "$" in item.text:
                yield key, item


def _is_script(service: Service, key: str, scalar: Scalar) -> bool:
    """Whether a shell reads a string of `command`, `entrypoint` or a test."""
    if key == "healthcheck":
        check = service.healthcheck
        return check is not None and check.script_scalar is scalar
    command = service.command if key == "command" else service.entrypoint
    words = [one.value or "" for one in (command.arguments or ())[:2]] if command is not None else []
    return len(words) == 2 and words[0].rpartition("/")[2] in SHELLS and re.fullmatch(r"-[a-z]*c", words[1]) is not None


def _made_by(script: str, name: str) -> bool:
    """Whether a script sets the variable itself."""
    return (
        re.search(rf"(?:^|[\s;&|(\"'])(?:for\s+{name}\s+in\b|{name}=|read\s+(?:-\w+\s+)?{name}\b)", script) is not None
    )


def _comes_from_host(variable: ContainerVariable, deployment: Deployment) -> bool:
    """Whether the container has it from where Compose has it, too: then both are the same."""
    if variable.origin == "env_file":
        return variable.span.source.path == deployment.dotenv.path
    own = variable.origin == "compose"
    return own and (not variable.text or any(one.name == variable.name for one in references(variable.text)))


def _known_to_host(name: str, deployment: Deployment) -> bool:
    """Whether the project shows that Compose is to have a variable: other values ask for it, too, a command itself asks
    for it with a default or a message, or an example of an unread `.env` lists it.
    """
    for service in deployment.merged.services.values():
        if any(one.operator and one.name == name for _, text in _commands(service) for one in references(text.text)):
            return True
        for entry in service.body:
            if entry.key.text not in _RUN and any(_asks(text, name) for text in _texts(entry.value)):
                return True
    use, project = deployment.dotenv, deployment.project
    if use.file is not None or project is None or use.path is None:
        return False
    from dockerlint_fastapi.model.files.missing_files import example_of  # noqa: PLC0415 - few commands get here

    example = example_of(project, use.path)
    source = project.source_of(example) if example is not None else None
    return source is not None and re.search(rf"(?m)^\s*(?:export\s+)?{name}\s*=", source.text) is not None


def _is_left_out(name: str, container: Container, deployment: Deployment) -> bool:
    """Whether the one env file of a container that is not read is Compose's own `.env`, and its example or a readme
    shows what is to stand in it, without a variable.
    """
    use, project = deployment.dotenv, deployment.project
    unread = {one.path for one in container.env_files if one.file is None}
    if project is None or use.path is None or unread != {use.path}:
        return False
    from dockerlint_fastapi.model.files.missing_files import example_of  # noqa: PLC0415 - as above

    example = example_of(project, use.path)
    source = project.source_of(example) if example is not None else None
    shown = [source.text] if source is not None else [*_blocks(project, use.path)]
    return bool(shown) and not any(re.search(rf"(?m)^[\s#]*(?:export\s+)?{name}\s*=", text) for text in shown)


def _blocks(project: Project, path: str) -> Iterator[str]:
    """The blocks of variables in readmes at a project's root and beside an env file that a line right above says to
    write into it.
    """
    folder, _, name = path.rpartition("/")
    for one in dict.fromkeys((folder, "")):
        for file in sorted(project.tree.listing(one).files):
            source = project.source_of(f"{one}/{file}".lstrip("/")) if re.match(r"(?i)readme\b", file) else None
            for said, block in _BLOCK.findall(source.text) if source is not None else ():
                if re.search(rf"(?<![\w./]){re.escape(name)}(?![\w.-])", said):
                    yield block


def _asks(text: str, name: str) -> bool:
    return name in text and any(one.name == name for one in references(text))


def _texts(node: Node | None) -> Iterator[str]:
    """The strings in a value, however deep."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(entry.value for entry in one)
        elif isinstance(one, Sequence):
            waiting.extend(one.items)
        elif isinstance(one, Scalar) and "$" in one.text:
            yield one.text
