"""An image from elsewhere that is named without a version."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.bases.end_of_life import is_frozen
from dockerlint_fastapi.model.bases.reference import Reference

SERVICE = "name a version behind the name, as in `redis:8.2`; a digest pins it for good"


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of FROM, COPY and mounts for the image, and of compose's `image` for the container."""
    for pull in node.pulls:
        reference = pull.reference
        certain = pull.way != "image" or reference.is_public or _is_of_others(node, reference)
        loose = reference.is_admin_tool or reference.is_run_by_hand or not certain
        at_work = bool(node.development) or loose
        idle = loose or (node.development is not None and not node.development.weak)
        again = "the next pull may bring another version"
        if reference.drift == "latest":
            message = f"`{reference.text}` is whatever is newest on the day it is pulled: {again}"
            mild = at_work or (isinstance(node, Image) and node.hardly_ships)
            severity, guide = ("info", "info") if mild else ("warning", None)
            help_ = SERVICE if pull.way == "image" else _how(node, reference)
            yield Finding.at(
                pull, message, severity=severity, pedantic=idle, in_guide=guide, once="project", help=help_
            )
        elif reference.drift == "series":
            message = f"the tag `{reference.tag or 'latest'}` of `{reference.full_repository}` moves on: {again}"
            if is_frozen(reference):
                message = f"the tag `{reference.tag}` of `{reference.name}` names no version, and is not built any more"
            # which brings another Python, or another of anything
            told = (reference.name in ("python", "pypy") or reference.is_versionless) and not node.development
            quiet = not told or (reference.name not in ("python", "pypy") and at_work)
            help_ = _how(node, reference)
            yield Finding.at(
                pull, message, severity="info", pedantic=quiet, in_guide="info", once="project", help=help_
            )


def _how(node: Image | Container, reference: Reference) -> str | None:
    """A version of Python that the project goes with, where that is not the one of the page."""
    if not isinstance(node, Image) or reference.full_repository != "python":
        return None
    advised = edits.bases.advised_python(node, node.project.today)
    if advised is None or advised[0] == "3.12":
        return None
    return f"name a version that the project is for, such as `python:{advised[0]}-slim`; a digest pins it for good"


def _is_of_others(node: Image | Container, reference: Reference) -> bool:
    """Whether a service is kept up, with something mounted into an image that is certainly somebody else's."""
    service, project = (node.service, node.project) if isinstance(node, Container) else (None, None)
    if service is None or project is None or not service.is_kept_up:
        return False
    return bool(service.volumes) and project.is_of_others(reference)
