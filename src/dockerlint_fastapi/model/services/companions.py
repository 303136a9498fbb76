"""Whether compose files hold only what a project needs besides its own programs: databases, tools, a proxy."""

from __future__ import annotations

from dockerlint_fastapi.model.evidence import MACHINES, tokens
from dockerlint_fastapi.model.services.host_access import is_listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.project import Project

_KNOWN_ROLES = ("database", "cache", "broker", "proxy")
_LISTS = ("admin", "search", "storage", "pools", "sql_servers", "monitors", "companions", "migrators")


def holds_no_program(deployment: Deployment) -> bool:
    """Whether none of the project's programs is in a set of files, which then is for those who start them elsewhere,
    as a developer does from an editor. Never of what is named for production or says so at its top, nor of what looks
    like a server's, nor of anything that Swarm runs.
    """
    if "production" in (deployment.setting, deployment.purpose) or deployment.is_swarm or not deployment.containers:
        return False
    if _is_for_a_server(deployment):
        return False
    known = any(one.role == "idle" or _is_known(one) for one in deployment.containers)
    return known and not any(one.runs_own_code or _is_strange(one) for one in deployment.containers)


def stands_aside(deployment: Deployment) -> bool:
    """Whether a set of files restarts nothing, and each program of the project in it is started by another set as well,
    by the same image and under the same name, which restarts it: that one is for the server. Not what is named for
    production or starts what was published, or where the names of the other files tell of a kind of machine.
    """
    if (
        deployment.setting == "production"
        or deployment.is_published
        or any(map(_is_restarted, deployment.merged.services.values()))
    ):
        return False
    own = [one for one in deployment.containers if one.service is not None and one.runs_own_code]
    return bool(own) and all(any(_is_run_by(other, one) for other in _starts_of(one)) for one in own)


def _starts_of(container: Container) -> Sequence[Container]:
    return container.image.containers if container.image is not None else ()


def _is_run_by(other: Container, one: Container) -> bool:
    """Whether another set of files starts the same service, and restarts it."""
    used, service = other.deployment, other.service
    if used is None or service is None or one.service is None or one.deployment is None:
        return False
    if used.files[0] is one.deployment.files[0] or not used.whole or other.development is not None:
        return False
    if not MACHINES.isdisjoint(token for file in used.files for token in tokens(file.source.path)):
        return False
    return service.name == one.service.name and _is_restarted(service)


def _is_restarted(service: Service) -> bool:
    return service.is_kept_up or service.restart_policy is not None


def _is_for_a_server(deployment: Deployment) -> bool:
    """Whether a set keeps something up that is not to start without its own passwords, or has another one for
    development laid over it: on a developer's machine neither is needed.
    """
    if not any(one.is_kept_up for one in deployment.merged.services.values()):
        return False
    if any(one.setting == "development" for one in deployment.extended_by) or _meets_a_program(deployment):
        return True
    return any(
        isinstance(variable.raw, str) and ":?" in variable.raw
        for service in deployment.merged.services.values()
        if service.is_kept_up
        for variable in service.environment
    )


def _meets_a_program(deployment: Deployment) -> bool:
    """Whether a set keeps something up with `always` on a network from outside that programs of the project join, too:
    the two run on one machine, side by side.
    """
    names = external_networks(deployment)
    services = [*deployment.merged.services.values()]
    always = any(one.restart is not None and one.restart.value == "always" for one in services)
    if not names or not always or deployment.project is None:
        return False
    return not names.isdisjoint(deployment.project.index.gathered(networks_of_programs))


def external_networks(deployment: Deployment) -> frozenset[str]:
    """The networks that a set of files takes from outside, by the names that Docker has for them."""
    from dockerlint_fastapi.model.compose.nodes import Mapping, Scalar, is_external  # noqa: PLC0415 - few files ask

    found = set()
    for name, entry in deployment.merged.declared("networks").items():
        if isinstance(entry.value, Mapping) and is_external(entry.value):
            said = entry.value.get("name")
            found.add(said.text if isinstance(said, Scalar) else name)
    return frozenset(found)


def networks_of_programs(project: Project) -> Iterator[str]:
    """The networks from outside that sets of files with a program of the project join, and that are not for work."""
    for one in project.own.deployments:
        names = external_networks(one)
        if names and one.setting != "development" and any(made.runs_own_code for made in one.containers):
            yield from names


def _is_known(container: Container) -> bool:
    """Whether it is what a project needs besides its own programs; an image that nobody knows may be all there is."""
    return container.role in _KNOWN_ROLES or is_listed(container.origin, *_LISTS)


def _is_strange(container: Container) -> bool:
    """Whether it may be a program of the project: it is built here, its image is called like the project, or it is of
    one that nobody knows and has what it needs to reach the others.
    """
    service, role = container.service, container.role
    if _is_known(container):
        return False
    if service is not None and (service.build is not None or service.env_files):
        return True
    project, origin = container.project, container.origin
    if role != "one-shot" and project is not None and origin is not None and project.makes(origin):
        return True
    return role != "one-shot" and any(True for _ in container.endpoints)
