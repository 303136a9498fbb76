"""Whether compose files hold only what a project needs besides its own programs: databases, tools, a proxy."""

from __future__ import annotations

from dockerlint_fastapi.model.services.host_access import is_listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment

_KNOWN_ROLES = ("database", "cache", "broker", "proxy")
_LISTS = ("admin", "search", "storage", "pools", "sql_servers", "monitors", "companions")


def holds_no_program(deployment: Deployment) -> bool:
    """Whether none of the project's programs is in a set of files, which then is for those who start them elsewhere,
    as a developer does from an editor. Never of what is named for production or says so at its top, nor of what looks
    like a server's, nor of anything that Swarm runs.
    """
    if "production" in (deployment.setting, deployment.purpose) or deployment.is_swarm or not deployment.containers:
        return False
    if _is_for_a_server(deployment):
        return False
    return not any(one.runs_own_code or _is_strange(one) for one in deployment.containers)


def _is_for_a_server(deployment: Deployment) -> bool:
    """Whether a set keeps something up that is not to start without its own passwords, or has another one for
    development laid over it: on a developer's machine neither is needed.
    """
    if not any(one.is_kept_up for one in deployment.merged.services.values()):
        return False
    if any(one.setting == "development" for one in deployment.extended_by):
        return True
    return any(
        isinstance(variable.raw, str) and ":?" in variable.raw
        for service in deployment.merged.services.values()
        if service.is_kept_up
        for variable in service.environment
    )


def _is_strange(container: Container) -> bool:
    """Whether it may be a program of the project: it is built here, or of an image that nobody knows and has what it
    needs to reach the others.
    """
    service, role = container.service, container.role
    if role in _KNOWN_ROLES or is_listed(container.origin, *_LISTS):
        return False
    if service is not None and (service.build is not None or service.env_files):
        return True
    return role != "one-shot" and any(True for _ in container.endpoints)
