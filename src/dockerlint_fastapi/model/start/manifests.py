"""The commands by which files for others than Compose start an application: manifests and a chart's values."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.project import compose_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.project import Project

_COMMAND: Final = r"(?m)^[ \t-]*(?:command|args):"
_RELOADER: Final = "--reload"
_MOST: Final = 200  # files that are looked into


def is_commanded_elsewhere(container: Container) -> bool:
    """Whether a YAML file of the project that is none for Compose gives the command that starts the same application,
    without a reloader: a chart then leaves the image's own command to development.
    """
    server, image = container.server, container.image
    app = server.app.text if server is not None and server.app is not None else ""
    if image is None or ":" not in app:
        return False
    return image.project.index.answer(_is_commanded, app)


def _manifests(project: Project) -> tuple[str, ...]:
    known = project.index.gathered(compose_paths)
    paths = [one for one in project.index.ending(".yaml", ".yml") if one not in known]
    return tuple([one for one in paths if not one.startswith(".")][:_MOST])


def _is_commanded(project: Project, app: str) -> bool:
    started = rf"(?<![\w.]){re.escape(app)}(?![\w.])"
    for path in project.index.answer(_manifests):
        source = project.source_of(path)
        text = source.text if source is not None else ""
        if _RELOADER not in text and re.search(started, text) and re.search(_COMMAND, text):
            return True
    return False
