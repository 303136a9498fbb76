"""Templates of whole projects (cookiecutter, Copier): folders from which a project is made first, and files of which it
is not known what they will be called, or that end in `.jinja` until then.
"""

from __future__ import annotations

from dockerlint_fastapi.tree import Tree, parent

_MARKERS = ("{{", "{%")  # a name that Jinja fills in
_ENDINGS = (".jinja", ".jinja2", ".j2", ".tmpl")  # what Copier and others take off what they render


def template_root(folder: str) -> str | None:
    """The folder that becomes a project's root, of one in a template (`{{cookiecutter.slug}}/backend`): the outermost
    one whose name is filled in. None of a folder that is in none.
    """
    if not any(marker in folder for marker in _MARKERS):
        return None
    steps = folder.split("/")
    for at, step in enumerate(steps):
        if any(marker in step for marker in _MARKERS):
            return "/".join(steps[: at + 1])
    return None


def is_rendered(tree: Tree, path: str) -> bool:
    """Whether a file that is not there may be, once a project is made of the template: `app.py.jinja` lies in its
    place, or in a template something beside it whose name is filled in.
    """
    if any(tree.is_file(path + ending) for ending in _ENDINGS):
        return True
    folder = parent(path)
    root = template_root(folder)
    if root is None:
        return False
    names = tree.names(folder)
    while not names and folder != root:
        folder = parent(folder)
        names = tree.names(folder)
    return any(marker in one for one in names for marker in _MARKERS)
