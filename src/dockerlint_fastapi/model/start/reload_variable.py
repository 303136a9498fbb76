"""The variable that decides whether code starts its server with a reloader, where its default turns that on."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.project import Project

# What a value is made of: `settings.DEBUG`, `DEBUG`, `os.getenv("DEBUG")`, `os.environ["DEBUG"]`; no other string.
_NAME = r"(?:\bgetenv\(|\bget\(|\benviron\[)\s*[\"'](\w+)|[\"'][^\"']*[\"']|(?<!\w)([A-Za-z_]\w*)(?!\w|\s*[.(\[\"'])"
_WORDS = frozenset("TRUE FALSE NONE AND OR NOT IN IS IF ELSE BOOL STR".split())
# Files that give variables to what they start, or show which ones to give.
_FILES = (".yml", ".yaml", ".tf", ".bicep", ".env", ".example", ".sample", ".template", ".production", ".prod")
_MOST = 200  # files that are looked into


def reload_variable(container: Container) -> str | None:
    """The variable that a container is started without, whose default turns the reloader on, and that some file of the
    project names: where that sets it, it may be off. None when the reloader is on in any case.
    """
    reload = container.server.reload if container.server is not None else None
    if reload is None or not reload.on or reload.span is None or reload.origin == "environment":
        return None
    names = [(found[1] or found[2] or "").upper() for found in re.finditer(_NAME, reload.span.text)]
    project = container.project
    if project is None:
        return None
    for name in names:
        if name and name not in _WORDS and container.environment.get(name) is None and _is_named(project, name):
            return name
    return None


def _is_named(project: Project, name: str) -> bool:
    """Whether a file that starts something names a variable."""
    found = re.compile(rf"(?<![\w$]){name}(?!\w)")
    sources = map(project.source_of, project.index.answer(_files))
    return any(source is not None and found.search(source.text) is not None for source in sources)


def _files(project: Project) -> tuple[str, ...]:
    return tuple(sorted(project.index.ending(*_FILES))[:_MOST])
