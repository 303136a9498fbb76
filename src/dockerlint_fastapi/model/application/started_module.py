"""The module that `python -m` is to run, where the container certainly lacks it."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.application.import_path import Found
from dockerlint_fastapi.model.application.search import Search
from dockerlint_fastapi.model.command import Argument, Program, Server
from dockerlint_fastapi.model.context.passage import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container

_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"


def absent_module(container: Container, program: Program) -> tuple[Argument, str] | None:
    """The word that names it, and the place at which its file was to be; None when the module is there, is a published
    program, or that cannot be told. Python looks in the working directory, along PYTHONPATH and where packages are
    installed (docs.python.org/3/using/cmdline.html#cmdoption-m); of a package it runs `__main__`.
    """
    if "python -m" not in program.wrappers or program.published or container.image is None:
        return None
    word = program.argv[0]
    name = word.value
    if name is None or not re.fullmatch(_NAME, name):
        return None
    search = Search(container, _as_server(program))
    path = search.import_path
    found = path.find(name)
    lacking = found is None or (isinstance(found, Found) and found.package)
    if not lacking or path.find(f"{name}.__main__") is not None:
        return None
    place = place_of(f"{name.replace('.', '/')}{'/__main__' if found is not None else ''}.py", search.directory)
    return None if place is None else (word, place)


def _as_server(program: Program) -> Server:
    """The program as one that imports a module, and has no options that say where from."""
    return Server.without_options(program, "python")
