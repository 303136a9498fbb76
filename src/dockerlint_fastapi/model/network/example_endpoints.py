"""Where a container will connect to by the env file that people copy from an example of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.environment.interpolation import Rendered
from dockerlint_fastapi.model.environment.variables import ContainerVariable
from dockerlint_fastapi.model.files.missing_files import example_of
from dockerlint_fastapi.model.network.endpoints import Endpoint, endpoints_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Source, Span

_SETTING: Final = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*([\"']?)([^\s\"'#$]+)\2[ \t]*(?:#.*)?\r?$"
# What a setting leads to: the host of an address, or one that stands alone.
_LEADS: Final = r"(?:[a-z][a-z0-9+]*://(?:[^@/\s]*@)?)?([A-Za-z][\w-]*)(?::\d+)?(?:/\S*)?"


def example_endpoints(container: Container) -> Iterator[Endpoint]:
    """The endpoints in the example of the one env file that a service names and nobody commits, where other settings of
    it lead to services of the set: it is made for containers then, and not for a developer's own machine. What
    `environment:` sets over it is left out.
    """
    service, deployment, project = container.service, container.deployment, container.project
    uses = container.env_files
    if service is None or deployment is None or project is None or len(uses) != 1 or uses[0].file is not None:
        return
    path = example_of(project, uses[0].path) if uses[0].path else None
    source = project.source_of(path) if path is not None else None
    if source is None:
        return
    made = {one.name: one for one in _settings(source)}
    names = deployment.service_names
    leads = (re.fullmatch(_LEADS, one.text) for one in made.values())
    if not any(found is not None and names.named(found[1], service) not in (None, service) for found in leads):
        return
    for endpoint in endpoints_of(made):
        if endpoint.variable.name not in container.variables:
            yield endpoint


def _settings(source: Source) -> Iterator[ContainerVariable]:
    """The settings of an example that are plain texts."""
    source.private = True
    for found in re.finditer(_SETTING, source.text):
        yield _variable(found[1], found[3], source.span(found.start(3), found.end(3)))


def _variable(name: str, text: str, at: Span) -> ContainerVariable:
    rendered = Rendered(text, True, ((0, len(text), 0, len(text)),))
    return ContainerVariable(
        name, text, rendered, at, lambda start, end: at.source.span(at.start + start, at.start + end), "env_file"
    )
