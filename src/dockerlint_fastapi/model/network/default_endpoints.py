"""Where a container connects to unless somebody says otherwise: endpoints in the defaults of variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.command import is_loopback
from dockerlint_fastapi.model.environment.interpolation import Rendered, or_unset, references, render
from dockerlint_fastapi.model.environment.variables import ContainerVariable
from dockerlint_fastapi.model.network.endpoints import Endpoint, endpoints_of
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

_SEVERAL: Final = 2  # parts of an account that compose sets


def default_endpoints(container: Container) -> Iterator[Endpoint]:
    """The endpoints that are known only when nobody sets the variables of `${DATABASE_URL:-postgresql://app@db/app}`.
    What an example of an env file sets to something else is none: people copy that.
    """
    service = container.service
    if service is None:
        return
    lookup = or_unset(service.lookup)
    defaulted = {name: variable for name, variable in container.variables.items() if _has_default(variable)}
    if not defaulted:
        return
    variables = {
        name: variable if name not in defaulted else variable._replace(rendered=render(variable.text, lookup))
        for name, variable in container.variables.items()
    }
    for endpoint in endpoints_of(variables):
        variable = defaulted.get(endpoint.variable.name)
        if variable is not None and not _is_set_otherwise(container, variable, endpoint):
            yield endpoint


def settings_endpoints(container: Container) -> Iterator[Endpoint]:
    """The endpoints in the defaults of settings that nothing in the environment sets, as far as that is known, and no
    example of an env file either: with the file that people make of it the application connects there.
    """
    deployment = container.deployment
    if deployment is None:
        return
    given = {name.lower() for name in container.variables}
    for field in (one for made in container.settings for one in made.settings.fields):
        text, at = field.default or "", field.default_span
        names = field.env_names
        if at is None or not names or field.checked or "://" not in text or not given.isdisjoint(map(str.lower, names)):
            continue
        if any(True for _ in _in_examples(container, names)):
            continue
        yield from _of_default(names[0], text, at)


def settings_hosts(container: Container) -> Iterator[Endpoint]:
    """The hosts in the defaults of settings (`POSTGRES_HOST: str = "localhost"`) of which compose sets the other parts
    one by one (`POSTGRES_USER`, `POSTGRES_DB`), and nothing else sets this one: the class reads no env file, or an
    example of it has the others alone.
    """
    if any(one.file is None for one in container.env_files):
        return
    given = {name.upper() for name in container.variables}
    for made in container.settings:
        for field in made.settings.fields if made.settings.complete and not made.settings.secrets_dir else ():
            text, at, names = field.default or "", field.default_span, field.env_names
            if at is None or not names or field.checked or not is_loopback(text) or len(names) > 1:
                continue
            name = names[0].upper()
            prefix = name.removesuffix("HOST")
            parts = [prefix + one for one in ("USER", "PASSWORD", "DB", "NAME", "DATABASE") if prefix + one in given]
            if prefix == name or name in given or len(parts) < _SEVERAL:
                continue
            if made.settings.env_files != () and not _is_left_out(container, name, parts):
                continue
            variable = _with_default(name, text, at)
            found = endpoints_of({**container.variables, name: variable})
            yield from (one for one in found if one.variable is variable)


def _is_left_out(container: Container, name: str, beside: list[str]) -> bool:
    """Whether examples of env files of the project, or those beside its Dockerfile, have other settings and not one."""
    image, deployment = container.image, container.deployment
    project = deployment.project if deployment is not None else None
    if project is None or deployment is None or image is None:
        return False
    from dockerlint_fastapi.model.secrets.defaulted_secrets import files_of_variables  # noqa: PLC0415 - for a few

    folders = {parent(file.source.path) for file in deployment.files} | {"", parent(image.dockerfile.source.path)}
    paths = [path for folder in sorted(folders) for path in files_of_variables(project, folder)]
    texts = [source.text for path in paths if (source := project.source_of(path)) is not None]
    shown = any(re.search(rf"(?im)^[ \t]*(?:export[ \t]+)?(?:{'|'.join(beside)})[ \t]*=", text) for text in texts)
    return shown and not any(re.search(rf"(?i)\b{name}\b", text) for text in texts)


def _of_default(name: str, text: str, at: Span) -> Iterator[Endpoint]:
    """The endpoints in the literal that is the default of a setting."""
    variable = _with_default(name.upper(), text, at)
    yield from endpoints_of({variable.name: variable})


def _with_default(name: str, text: str, at: Span) -> ContainerVariable:
    """A variable that is the literal default of a setting."""
    begin = at.text.find(text)

    def locate(start: int, end: int) -> Span:
        return at if begin < 0 else Span(at.source, at.start + begin + start, at.start + begin + end)

    rendered = Rendered(text, True, ((0, len(text), 0, len(text)),))
    return ContainerVariable(name, text, rendered, at, locate, "code")


def shown_defaults(container: Container) -> Iterator[Endpoint]:
    """Those of them that an example of an env file repeats: whoever copies it gets the same."""
    for endpoint in default_endpoints(container):
        hosts = [host.name.value for host in endpoint.hosts]
        if any(host in said for said in _said(container, endpoint.variable) for host in hosts if host):
            yield endpoint


def _has_default(variable: ContainerVariable) -> bool:
    """Whether a variable stands in the compose file, is not known, and has a default for a part of it."""
    rendered = variable.rendered
    if variable.origin != "compose" or not variable.certain or rendered is None or rendered.certain:
        return False
    return any(one.operator in (":-", "-") for one in references(variable.text))


def _is_set_otherwise(container: Container, variable: ContainerVariable, endpoint: Endpoint) -> bool:
    """Whether an example of an env file gives a variable another host than its default."""
    hosts = [host.name.value for host in endpoint.hosts]
    return any(
        not any(host is not None and host in said for host in hosts) and _names_a_host(variable, said)
        for said in _said(container, variable)
    )


def _said(container: Container, variable: ContainerVariable) -> Iterator[str]:
    """What examples of env files give the variables with a default in the value of one."""
    return _in_examples(container, [one.name for one in references(variable.text) if one.operator in (":-", "-")])


def _in_examples(container: Container, variables: Iterable[str]) -> Iterator[str]:
    """What examples of env files give any of some variables."""
    from dockerlint_fastapi.model.secrets.defaulted_secrets import files_of_variables  # noqa: PLC0415 - for a few

    deployment = container.deployment
    project = deployment.project if deployment is not None else None
    if deployment is None or project is None:
        return
    names = "|".join(re.escape(one) for variable in variables for one in (variable, variable.upper()))
    folders = {file.source.path.rpartition("/")[0] for file in deployment.files} | {""}
    for path in (one for folder in sorted(folders) for one in files_of_variables(project, folder)):
        source = project.source_of(path)
        yield from re.findall(
            rf"(?m)^[ \t]*(?:export[ \t]+)?(?:{names})[ \t]*=[ \t]*(\S+)", source.text if source else ""
        )


def _names_a_host(variable: ContainerVariable, said: str) -> bool:
    """Whether a value of an example may be a host or a URL, and not a port or a password beside one in the default."""
    only = [one for one in references(variable.text) if one.operator in (":-", "-")]
    return len(only) == 1 or "://" in said
