"""Servers whose health nothing checks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project


def unchecked_servers(image: Image) -> tuple[Container, ...]:
    """The containers of an image that serve and that certainly no health check asks, the one that matters most first;
    none when one of them is asked, when they are for development, or when somebody else probes containers.
    """
    if image.healthcheck is not None or image.development or image.inherits_healthcheck is not False:
        return ()
    serving = [one for one in image.containers if one.serves and not one.development and one.is_whole]
    if any(one.service is not None and one.service.healthcheck is not None for one in serving):
        return ()
    if not serving or image.project.orchestrated or image.dockerfile.source.path in image.project.platform_probes:
        return ()
    if all(one.service is None for one in serving) and image.project.index.answer(_asks_what_is_unknown):
        return ()
    if image.host is not None:
        return ()
    return tuple(sorted(serving, key=_rank))


def _asks_what_is_unknown(project: Project) -> bool:
    """Whether a service has a health check whose build is not found, as its path starts in another folder, or takes an
    image by the project's name: either may be any image of the project.
    """
    return any(
        container.image is None
        and container.service is not None
        and container.service.healthcheck is not None
        and (container.service.build is not None or _is_strange(container))
        for deployment in project.deployments
        for container in deployment.containers
    )


def _is_strange(container: Container) -> bool:
    """Whether it starts an image from elsewhere that is called like the project."""
    reference, project = container.origin, container.project
    return reference is not None and project is not None and container.role is None and project.makes(reference)


def _rank(container: Container) -> tuple[bool, bool, bool, bool]:
    """What does not reload first; then a service before the bare image, production before other settings, what
    `docker compose up` starts first.
    """
    used = container.deployment
    return (
        container.service is None and container.reloads,
        used is None,
        container.setting != "production",
        used is None or not used.is_default,
    )
