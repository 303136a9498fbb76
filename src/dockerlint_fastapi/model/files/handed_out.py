"""Which compose files a project hands out by themselves, for people who start what it has published: they have no
checkout in which they could work on anything.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.files.recipes import guides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.project import Project

_WORKFLOWS = ".github/workflows/"
_MOST_CHARACTERS = 200_000  # of each text
# What attaches files to a release of GitHub.
_RELEASES = (
    r"\b(?:softprops/action-gh-release|ncipollo/release-action|actions/upload-release-asset)@"
    r"|\bgh release (?:create|upload)\b"
)
_OWNER = r"https?://(?:raw\.githubusercontent\.com|github\.com)/([\w.-]+)/([\w.-]+)/"
_RAW = r"(?:raw/)?(?:refs/heads/)?[\w.-]+/"
_RELEASED = r"releases/(?:latest/download|download/[^/\s]+)/"


def handed_out(project: Project, file: ComposeFile) -> str | None:
    """The workflow that attaches a compose file to releases, or the readme that has people fetch it alone from the
    project's own repository; None when none does, or when the file has something to build alone.
    """
    if any(one.image is None for one in file.services.values()):
        return None
    return _attached(project, file.source.path) or _fetched(project, file)


def _attached(project: Project, path: str) -> str | None:
    line = rf"(?m)^[ \t-]*(?:(?:files|artifacts|asset_path):[ \t]*)?[\"']?(?:\./)?{re.escape(path)}[\"']?,?[ \t]*$"
    upload = rf"\bgh release (?:create|upload)\b(?:[^\n\\]|\\\n)*[ \t\"'/]{re.escape(path)}(?![\w./-])"
    for source in project.recipes:
        text = source.text[:_MOST_CHARACTERS]
        if not source.path.startswith(_WORKFLOWS) or path not in text or re.search(_RELEASES, text) is None:
            continue
        if re.search(upload, text) or (re.search(line, text) and "@" in text):
            return source.path
    return None


def _fetched(project: Project, file: ComposeFile) -> str | None:
    """The readme with the address of the file; the repository is the project's own where images are its owner's."""
    path, name = file.source.path, file.source.path.rpartition("/")[2]
    address = rf"{_OWNER}(?:{_RAW}{re.escape(path)}|{_RELEASED}{re.escape(name)})(?![\w./-])"
    owners = {one for service in file.services.values() if service.image for one in _namespaces(service.image.text)}
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        found = re.search(address, text) if name in text else None
        if found is not None and found[1].lower() in owners:
            return source.path
    return None


def _namespaces(image: str) -> list[str]:
    """The parts of an image's name in front of its last one."""
    return image.lower().split("/")[:-1]
