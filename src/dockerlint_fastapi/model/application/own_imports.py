"""What an application's module imports of its own project that its container lacks: the server finds the module, and
ends all the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from dockerlint_fastapi.model.application.expression import Import
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application.import_path import ImportPath
    from dockerlint_fastapi.model.application.module import Module
    from dockerlint_fastapi.model.files.image_files import Placed
    from dockerlint_fastapi.model.project import Project

_NAMELESS = frozenset(("app", "backend", "src"))  # packages that nobody publishes under such a name
# What may have Python look elsewhere than where it is told to.
_MOVES = r"\bsys\s*\.\s*path\b|\baddsitedir\b|\bfrom\s+sys\s+import\b"


class Lack(NamedTuple):
    """A module of the project that another one imports at its top, and that is certainly not in the container.

    `folder` is the project's folder that holds its outermost package, "" for the root.
    """

    name: str
    path: str  # of its file in the project
    folder: str
    span: Span  # the name, where it is imported; the module's beginning when that is written in an unusual way


class WayOut(NamedTuple):
    """An import by dots (`..db`) that leads out of the package by which its module is found."""

    name: str  # by which the module is found: `app.main`
    span: Span  # the dots and what stands behind them


def lacking(project: Project, path: ImportPath, placed: Placed, module: Module) -> Lack | None:
    """The first such module of its own package that a file imports, be it found as a module of whatever name."""
    if placed.path is None or re.search(_MOVES, module.source.text) is not None:
        return None
    for one in module.body:
        if not isinstance(one, Import) or not one.certain or one.level or "." not in one.module:
            continue
        others = one.module.partition(".")[0] in sys.stdlib_module_names
        if others or any(path.find(name) is not None for name in _names(one)):
            continue
        folder = _folder_of_package(project, placed.path, one.module.partition(".")[0])
        files = (_file(project, folder, name) for name in _names(one)) if folder is not None else ()
        file = next((found for found in files if found is not None), None)
        if folder is not None and file is not None:
            return Lack(one.module, file, folder, _place(module, one.module))
    return None


def fails_inside(name: str, placed: Placed, module: Module) -> bool:
    """Whether a module's imports certainly fail when it has that name: its dots lead out of its outermost package."""
    depth = len(name.split(".")) - (0 if placed.place.endswith("/__init__.py") else 1)
    return any(isinstance(one, Import) and one.certain and one.level > depth for one in module.body)


def way_out(name: str, placed: Placed, module: Module) -> WayOut | None:
    """Where a module that is found by a name certainly imports from outside of its outermost package, which fails."""
    if "__package__" in module.source.text or not fails_inside(name, placed, module):
        return None
    dots = max(one.level for one in module.body if isinstance(one, Import) and one.certain)
    found = re.search(rf"(?m)^from[ \t]+(\.{{{dots}}}[\w.]*)[ \t]+import\b", module.source.text)
    return WayOut(name, module.source.span(*found.span(1))) if found is not None else None


def _names(one: Import) -> Iterator[str]:
    """What an import may be of: a package without `__init__.py` is none of the files."""
    yield one.module
    if one.attribute not in (None, "*"):
        yield f"{one.module}.{one.attribute}"


def _folder_of_package(project: Project, path: str, top: str) -> str | None:
    """The folder in which a file's own package of that name lies; None when it lies in none. A package beside it may be
    one that the project publishes, and that the image has from there, unless its name says nothing (`src`).
    """
    parts = path.split("/")[:-1]
    if top in parts:
        return "/".join(parts[: parts.index(top)])
    above = ("/".join(parts[:depth]) for depth in range(len(parts), -1, -1)) if top in _NAMELESS else ()
    return next((one for one in above if project.tree.is_dir(f"{one}/{top}" if one else top)), None)


def _file(project: Project, folder: str, name: str) -> str | None:
    """The project's file that is the module of that name seen from a folder."""
    start = f"{folder}/" if folder else ""
    below = name.replace(".", "/")
    return next((f for f in (f"{start}{below}.py", f"{start}{below}/__init__.py") if project.tree.is_file(f)), None)


def _place(module: Module, name: str) -> Span:
    found = re.search(rf"(?m)^(?:from|import)[ \t]+({re.escape(name)})(?![\w.])", module.source.text)
    return module.source.span(*(found.span(1) if found is not None else (0, 0)))
