"""What OpenShift builds: BuildConfigs of the project, which name a folder of the repository and a Dockerfile in it."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_CONFIG = r"(?m)^[ \t-]*kind:[ \t]*[\"']?BuildConfig\b"
_FOLDER = r"(?m)^[ \t]*contextDir:[ \t]*[\"']?([\w./-]+)"
_FILE = r"(?m)^[ \t]*dockerfilePath:[ \t]*[\"']?([\w./-]+)"
_MOST = 300  # files that are looked into
_MOST_CHARACTERS = 200_000  # of each


def built_beside(image: Image) -> Evidence | None:
    """Why an image is for development: OpenShift builds another Dockerfile of its folder, and not its own, which only
    services for development build.
    """
    project, path = image.project, image.dockerfile.source.path
    beside = project.index.images_beside(path)
    near = dict.fromkeys(one.dockerfile.source.path for one in beside)
    if len(near) < 2:
        return None
    made = (one for one in beside if one.dockerfile is image.dockerfile)
    users = [one for each in made for one in each.containers if one.service is not None]
    if not users or not all(one.development for one in users):
        return None
    built = project.index.answer(_built)
    other = next((one for one in near if one in built), None)
    if other is None or path in built or image.is_pushed:
        return None
    return Evidence(f"`{built[other]}` has OpenShift build `{other}` instead", users[0].span, firm=False)


def is_built_by_openshift(image: Image) -> bool:
    """Whether a BuildConfig of the project names the Dockerfile of an image."""
    return image.dockerfile.source.path in image.project.index.answer(_built)


def _built(project: Project) -> Mapping[str, str]:
    """The Dockerfiles that OpenShift builds, each with the file that says so."""
    found: dict[str, str] = {}
    for path in project.index.ending(".yaml", ".yml")[:_MOST]:
        source = project.source_of(path)
        text = source.text[:_MOST_CHARACTERS] if source is not None else ""
        for part in re.split(_CONFIG, text)[1:] if "dockerfilePath" in text else ():
            file, folder = re.search(_FILE, part), re.search(_FOLDER, part)
            place = normal(f"{folder[1] if folder is not None else '.'}/{file[1]}") if file is not None else None
            if place is not None:
                found.setdefault(place, path)
    return found
