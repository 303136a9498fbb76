"""What a project calls its own folder: compose files may lead out of it and in again, `context: ../../shop-backend`."""

from __future__ import annotations

import re

from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerlint_fastapi.model.project import Project

_MOST_CHARACTERS = 200_000  # of a readme or manifest
# `git clone https://host/owner/name.git`, `cd name`; a name that is given for the clone is the next word
_CLONED = r"\bgit clone\b[^\r\n`]{0,200}?[/:]([\w.-]+?)(?:\.git)?/?(?:[ \t]+([\w.-]+))?[ \t]*(?=[\r\n`;&'\"]|\Z)"
_TITLE = r"\A\s*#[ \t]+([\w.-]+)[ \t]*\r?\n"
_NAMED = r"(?m)^(?:name[ \t]*=[ \t]*|[ \t]{0,4}\"name\"[ \t]*:[ \t]*)[\"']([\w.-]+)[\"']"
_MANIFESTS = ("pyproject.toml", "package.json")
_READMES = ("README.md", "README.rst", "readme.md", "Readme.md")


def re_entered(path: str, is_own: Callable[[str], bool]) -> str | None:
    """A relative path from the root that leaves it by one level and comes back by the root's own name, from the root;
    None when it leads elsewhere.
    """
    parts: list[str] = []
    outside = False
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if outside:
            if part == ".." or not is_own(part):
                return None
            outside = False
        elif part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            outside = True
    return None if outside else normal("/".join(parts))


def is_own_name(project: Project, name: str) -> bool:
    """Whether the project's folder is called so wherever it is checked out, as far as its readme and manifests say."""
    return _plain(name) in project.index.answer(_names)


def _names(project: Project) -> frozenset[str]:
    """The names that the readme clones the project under or has as its title, and that manifests give it."""
    found: list[str] = []
    for path in (*_READMES, *_MANIFESTS):
        source = project.source_of(path) if project.tree.is_file(path) else None
        if source is None:
            continue
        text = source.text[:_MOST_CHARACTERS]
        if path in _MANIFESTS:
            found += re.findall(_NAMED, text)[:1]
        else:
            found += [name for pair in re.findall(_CLONED, text)[:1] for name in pair]
            found += re.findall(_TITLE, text)
    return frozenset(_plain(name) for name in found if name)


def _plain(name: str) -> str:
    """A name as manifests compare them: small letters, and one kind of dash."""
    return re.sub(r"[-_.]+", "-", name).lower()
