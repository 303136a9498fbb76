"""What is asked of every part of a project: names, paths and texts, which `index.gathered` has of all parts together.

Each question goes through what one part has (`project.own`). A large project is linted part by part only when every
question of this kind stands in `GATHERED`.
"""

from __future__ import annotations

from dockerlint_fastapi.model.environment.settings_class import composed_texts
from dockerlint_fastapi.model.files.production_builds import pushed_code
from dockerlint_fastapi.model.health.unchecked import checked_images
from dockerlint_fastapi.model.instructions.stage_names import additional_contexts, service_images
from dockerlint_fastapi.model.instructions.undefined_variables import build_arguments
from dockerlint_fastapi.model.project import (
    built_services,
    compose_paths,
    compose_texts,
    dockerfile_paths,
    makers,
    production_sets,
    publishers,
)
from dockerlint_fastapi.model.services.broken_references import declared_names
from dockerlint_fastapi.model.services.companions import networks_of_programs
from dockerlint_fastapi.model.start.start_faults import files_of_services, names_in_from, strange_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.project import Project


def host_names(project: Project) -> Iterator[str]:
    """The host names, in lower case, that lead to services."""
    return (name for one in project.own.deployments for name in one.service_names.known)


def service_names(project: Project) -> Iterator[str]:
    """The names of services, in lower case."""
    return (name.lower() for one in project.own.deployments for name in one.merged.services)


def built_names(project: Project) -> Iterator[str]:
    """The names that services give to what they build."""
    services = (one for deployment in project.own.deployments for one in deployment.merged.services.values())
    named = (one.image for one in services if one.build is not None)
    return (one.intended for one in named if one is not None and one.intended)


def taken_names(project: Project) -> Iterator[str]:
    """The names of images that services start without building them."""
    services = (one for deployment in project.own.deployments for one in deployment.merged.services.values())
    named = (one.image for one in services if one.build is None)
    return (one.intended for one in named if one is not None and one.intended)


GATHERED = (
    additional_contexts,
    build_arguments,
    built_names,
    built_services,
    checked_images,
    compose_paths,
    compose_texts,
    composed_texts,
    declared_names,
    dockerfile_paths,
    files_of_services,
    host_names,
    makers,
    names_in_from,
    networks_of_programs,
    production_sets,
    publishers,
    pushed_code,
    service_images,
    service_names,
    strange_commands,
    taken_names,
)
