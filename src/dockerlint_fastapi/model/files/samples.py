"""Dockerfiles and compose files that are to be copied to where a program is: among documents and templates, and with no
code beside them.
"""

from __future__ import annotations

from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.tree import Tree

_FOLDERS: Final = frozenset(
    "doc docs documentation wiki template templates _templates skeleton skeletons scaffold scaffolds boilerplate"
    " boilerplates snippets".split()
)
# What a folder has to which a Dockerfile belongs.
_CODE: Final = (".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".php", ".rb")
_MANIFESTS: Final = frozenset(("pyproject.toml", "package.json", "setup.py", "go.mod", "Cargo.toml", "pom.xml"))
_DEPTH: Final = 2


def is_sample(project: Project, path: str) -> bool:
    """Whether a Dockerfile or compose file is a sample: what it names lies in no folder of this project."""
    folder = parent(path)
    return not _FOLDERS.isdisjoint(folder.lower().split("/")) and not _holds_program(project.tree, folder, _DEPTH)


def _holds_program(tree: Tree, folder: str, depth: int) -> bool:
    inside = tree.listing(folder)
    if any(name in _MANIFESTS or name.endswith(_CODE) or name.startswith("requirements") for name in inside.files):
        return True
    return depth > 0 and any(_holds_program(tree, f"{folder}/{name}", depth - 1) for name in inside.directories)
