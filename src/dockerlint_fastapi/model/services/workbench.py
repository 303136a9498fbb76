"""Whether compose files are for work on a project, told by what runs in them where their names do not say."""

from __future__ import annotations

from dockerlint_fastapi.model.services.host_access import is_listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment

_KNOWN_ROLES = ("database", "cache", "broker", "proxy")
_LISTS = ("admin", "search", "storage", "pools", "sql_servers", "monitors", "companions")
_KEPT_UP = ("always", "unless-stopped")


def is_workbench(deployment: Deployment) -> bool:
    """Whether a set of files is a developer's: it catches the mail that is sent, or holds only what the project needs
    besides its own programs, or starts one of these with a reloader over mounted sources and keeps nothing up.

    Never what is named for production, and nothing that Swarm runs.
    """
    if deployment.setting == "production" or deployment.is_swarm:
        return False
    containers = deployment.containers
    if any(is_listed(one.origin, "mail_catchers") for one in containers):
        return True
    own = [one for one in containers if one.runs_own_code]
    if not own:
        return bool(containers) and not any(_is_strange(one) for one in containers)
    return any(one.worked_on for one in own) and not any(_is_kept_up(one) for one in containers)


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


def _is_kept_up(container: Container) -> bool:
    restart = container.service.restart if container.service is not None else None
    return restart is not None and restart.value in _KEPT_UP
