"""Virtual environments that the readme of a folder has everyone make in it, whether or not one lies there now."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.source import Span

_READMES: Final = ("README.md", "readme.md", "Readme.md", "README.rst", "README.txt", "README")
_MAKES: Final = (
    r"(?m)^[ \t>$]*((?:python3?(?:\.\d+)?|py(?:[ \t]+-3)?)[ \t]+-m[ \t]+(?:venv|virtualenv)|virtualenv|uv[ \t]+venv)"
    r"[ \t]+(?:\./)?([\w.-]*\w)/?[ \t]*(?:&&[^\n]*|#[^\n]*)?\r?$"
)
_MOVES: Final = r"(?m)(?:^|[;&|`])[ \t>$]*(?:cd|pushd|Set-Location)[ \t]+"
_CLONED: Final = r"git clone [^\n]*(?:\n[ \t>$]*|[ \t]*&&[ \t]*)cd[ \t]+"
_MOST_CHARACTERS: Final = 100_000


class ToldEnvironment(NamedTuple):
    """An environment by its name in the folder, and the command that makes it."""

    name: str
    span: Span


def told_environment(build: ImageBuild) -> ToldEnvironment | None:
    """The first that the readme at the top of a build's folder has people make there: nothing before it in the text
    goes to another folder, but into what was cloned just then.
    """
    project = build.image.project
    place = build.project_path
    path = next((one for name in _READMES if project.tree.is_file(one := place(name))), None)
    source = project.source_of(path) if path is not None else None
    if source is None or "venv" not in source.text[:_MOST_CHARACTERS]:
        return None
    found = re.search(_MAKES, source.text[:_MOST_CHARACTERS])
    if found is None:
        return None
    before = source.text[: found.start()]
    cloned = len(re.findall(_CLONED, before)) if not build.context else 0
    if len(re.findall(_MOVES, before)) > cloned:
        return None
    return ToldEnvironment(found[2], source.span(found.start(1), found.end(2)))
