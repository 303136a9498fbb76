"""What is built for production in place of a Dockerfile: one beside it, by its name (`Dockerfile.prod`) or as
OpenShift's BuildConfigs say, which name a folder of the repository and a Dockerfile in it; or one that a workflow
pushes, with the same code.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.evidence import PRODUCTION, Evidence, setting_of_name, tokens
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_CONFIG = r"(?m)^[ \t-]*kind:[ \t]*[\"']?BuildConfig\b"
_FOLDER = r"(?m)^[ \t]*contextDir:[ \t]*[\"']?([\w./-]+)"
_FILE = r"(?m)^[ \t]*dockerfilePath:[ \t]*[\"']?([\w./-]+)"
_MOST = 300  # files that are looked into
_MOST_CHARACTERS = 200_000  # of each
_MOST_ENTRIES = 5000  # of a build context whose code is compared


def built_beside(image: Image) -> Evidence | None:
    """Why an image is for development: only services for that build it, and in production another Dockerfile of its
    folder stands for its own, which is named so (`Dockerfile.prod`) or which OpenShift builds, or one with the same
    code that a workflow pushes.
    """
    project, path = image.project, image.dockerfile.source.path
    beside = project.index.images_beside(path)
    made = (one for one in beside if one.dockerfile is image.dockerfile)
    users = [one for each in made for one in each.containers if one.service is not None]
    if not users or not all(one.development for one in users):
        return None
    if image.is_pushed or path in project.platform_probes:
        return None
    if image.python and setting_of_name(image.stage.name or "") != "production" and _is_shipped_elsewhere(image):
        return Evidence("another image of the same code ships", users[0].span, firm=False)
    if project.host_of(path) is not None:
        return None
    near = dict.fromkeys(one.dockerfile.source.path for one in beside)
    if setting_of_name(image.stage.name or "") != "production":
        named = next((one for one in near if _is_its_production(one, path)), None)
        if named is not None:
            return Evidence(f"`{named}` is for production, and only development builds this one", users[0].span)
    built = project.index.answer(_built) if len(near) > 1 else {}
    other = next((one for one in near if one in built), None)
    if other is None or path in built:
        return None
    return Evidence(f"`{built[other]}` has OpenShift build `{other}` instead", users[0].span, firm=False)


def _is_shipped_elsewhere(image: Image) -> bool:
    """Whether images that workflows push certainly have all the Python files that this one copies."""
    if not any(one.pushed for one in image.project.workflow_builds):
        return False
    own = frozenset(_code_of(image))
    return bool(own) and own <= image.project.index.gathered(pushed_code).keys()


def pushed_code(project: Project) -> Iterator[str]:
    """The Python files of the project that are copied into the images which its workflows push, or into what these are
    made of.
    """
    for one in project.own.images:
        if one.is_pushed:
            yield from _code_of(one)


def _code_of(image: Image) -> Iterator[str]:
    for build in image.builds:
        for path, closed in build.entries if len(build.entries) <= _MOST_ENTRIES else ():
            if not closed and path.endswith(".py") and build.takers(path):
                yield build.project_path(path)


def _is_its_production(other: str, path: str) -> bool:
    """Whether a Dockerfile is called like another one, with a word for production besides: `Dockerfile.api.prod`."""
    name, own = other.rpartition("/")[2], path.rpartition("/")[2]
    if setting_of_name(name) != "production" or setting_of_name(own) is not None:
        return False
    return [one for one in tokens(name) if one not in PRODUCTION] == tokens(own)


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
