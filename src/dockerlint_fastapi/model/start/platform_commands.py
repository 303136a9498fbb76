"""The commands by which hosting platforms start an image: DigitalOcean's `run_command`, Render's `dockerCommand` and
Railway's `startCommand`, in the files that these read.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Span

_FILES: Final = (".do/app.yaml", ".do/deploy.template.yaml", "render.yaml", "railway.json", "railway.toml")
_COMMAND: Final = (
    r"(?m)^[ \t-]*[\"']?(?:run_command|dockerCommand|startCommand)[\"']?[ \t]*[:=][ \t]*[\"']?([^\s\"',#]+)"
)


def platform_command(container: Container) -> Span | None:
    """Where a platform's file starts a script that stands in the way to a container's program: what that script does,
    it does there as well.
    """
    image = container.image
    places = {step.script.placed.place for step in container.way}
    if image is None or not places:
        return None
    for path in _FILES:
        source = image.project.source_of(path) if image.project.tree.is_file(path) else None
        for found in re.finditer(_COMMAND, source.text) if source is not None else ():
            if source is not None and place_of(found[1], container.directory) in places:
                return source.span(*found.span(1))
    return None
