"""Services that say nothing of the image that they start."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.deployment import Deployment

_SOURCES = ("image", "build", "provider", "extends")


def imageless(deployment: Deployment) -> Iterator[Service]:
    """The services with neither an image nor a way to make one, which Compose refuses (compose-go, checkConsistency).

    Nothing is said of an overlay alone, of what the automatic override mends, and of a service that gets its image from
    another compose file beside it: that file is meant to be laid under this one.
    """
    mended = [{one.span for one in _without(other)} for other in deployment.extended_by]
    for service in _without(deployment):
        if all(service.span in spans for spans in mended) and not _beside(deployment, service):
            yield service


def _without(deployment: Deployment) -> Iterator[Service]:
    merged = deployment.merged
    if not deployment.whole or merged.incomplete:
        return
    for service in merged.services.values():
        # One that extends a service which is not there is told for that.
        written = [file.services[service.name] for file in merged.files if service.name in file.services]
        if all(one.node(key) is None for one in (service, *written) for key in _SOURCES):
            yield service


def _beside(deployment: Deployment, service: Service) -> bool:
    """Whether another compose file in the same folder, or above or below it, gives the service its image."""
    project = deployment.project
    if project is None or deployment.given:
        return False
    folder = parent(service.span.source.path)
    own = [one.source for one in deployment.merged.files]
    for file in project.index.compose_files_naming(service.name):
        there = parent(file.source.path)
        if file.source in own or not (_holds(there, folder) or _holds(folder, there)):
            continue
        if any(file.services[service.name].node(key) is not None for key in _SOURCES):
            return True
    return False


def _holds(folder: str, other: str) -> bool:
    return not folder or f"{other}/".startswith(f"{folder}/")
