"""Services that take a published image of the project, which another compose file of their folder builds."""

from __future__ import annotations

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project


class BuiltNearby:
    """What compose files of one folder build for the services of one name, for files that take the published image."""

    def __init__(self, project: Project, built: Mapping[tuple[int, str], Image | None]) -> None:
        self._project = project
        self._found: dict[tuple[str, str], set[Image | None]] = {}
        for deployment in project.own.deployments:
            folder = parent(deployment.files[0].source.path)
            for one in deployment.merged.services.values():
                if one.build is not None:
                    self._found.setdefault((folder, one.name), set()).add(built.get((id(deployment), one.name)))

    def of(self, service: Service, deployment: Deployment) -> Image | None:
        """The image of a service that takes one of the project's own name, and is built in a file beside this."""
        folder = parent(deployment.files[0].source.path)
        found = self._found.get((folder, service.name), set())
        reference = Reference.parse(service.image.intended or "" if service.image is not None else "")
        if len(found) != 1 or reference is None or not reference.namespace:
            return None
        called = deployment.files[0].name
        words = {*tokens(service.name), *tokens(called.text if called is not None else "")}
        if not words.isdisjoint(tokens(reference.name)) or self._project.makes(reference):
            return next(iter(found))
        return None
