"""What dlf understood of a project, for people, programs and READMEs: the model described once, and rendered as text.

Rendering is pure: no input, no output, no look at the environment.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.show.description import Description

# The names of `--output-format`, and where each is rendered. A module is imported when its format is asked for.
FORMATS = {
    "text": "dockerlint_fastapi.show.text",
    "json": "dockerlint_fastapi.show.json_show",
    "mermaid": "dockerlint_fastapi.show.mermaid",
}


def render(output_format: str, description: Description, *, color: bool = False) -> str:
    """The description in one of FORMATS, ending in a line break; only `text` heeds `color`. KeyError when there is no
    such format.
    """
    module = import_module(FORMATS[output_format])
    options = {"color": color} if output_format == "text" else {}
    rendered: str = module.render(description, **options)
    return rendered
