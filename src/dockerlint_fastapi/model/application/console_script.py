"""The folder of a server's own program, which Python searches for modules, too.

A console script (`uvicorn`, `gunicorn`, `fastapi`) is a file of Python, and `sys.path` begins with the folder of the
file that is run (docs.python.org/3/library/sys_path_init.html): `/usr/local/bin` in the images of Python, else the
`bin` of a virtual environment. Servers put the working directory or `--app-dir` in front of it, and PYTHONPATH comes
behind it (tried with uvicorn 0.54, gunicorn 27.0, hypercorn 0.18, granian 2.8 and daphne 4.2). `python -m uvicorn` has
no such folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.application.import_path import Root
from dockerlint_fastapi.model.command import UNKNOWN, Program, Value
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.files.image_files import Answer, Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image


def script_root(container: Container, program: Program, directory: str | None) -> Root | None:
    """The folder of `sys.path` that holds the program itself; None where nothing of the project's can be in it."""
    image = container.image
    if image is None or "python -m" in program.wrappers or not program.argv:
        return None
    folders = _folders(container, image, program, directory)
    places = [one for one in folders if _may_get_code(container, image, one)]
    if not places:
        return None
    return Root(places[0], _at(container, image, places, certain=len(folders) == 1))


def _folders(container: Container, image: Image, program: Program, directory: str | None) -> tuple[str, ...]:
    """Where the program may lie."""
    word = program.argv[0].value or ""
    if "/" in word:
        place = place_of(word.rpartition("/")[0] or "/", directory)
        return () if place is None else (place,)
    path = container.environment.seen_by(program).get("PATH")
    environments = [f"{one.place.rstrip('/')}/bin" for one in image.virtual_environments]
    if path is None and not environments and image.base is not None and image.base.family == "python":
        return ("/usr/local/bin",)
    searched = path.text.split(":") if isinstance(path, Value) else ()
    found = (*environments, *searched, "/usr/local/bin", "/usr/bin")
    return tuple(dict.fromkeys(clean(one) for one in found if one.startswith("/") and "$" not in one))


def _may_get_code(container: Container, image: Image, folder: str) -> bool:
    """Whether a copy or a mount goes to a folder, into it, or to one that holds it."""
    targets = [*(one.target for one in image.passages), *(one.target for one in container.covers)]
    targets += [place_of(one.destination.value, "/") for one in image.transfers if one.from_ is not None]
    return any(
        one is None or f"{folder}/".startswith(f"{one.rstrip('/')}/") or one.startswith(f"{folder}/") for one in targets
    )


def _at(container: Container, image: Image, folders: list[str], *, certain: bool) -> Callable[[str], Answer]:
    """The file at a path below the folder. What else is in it, of the base image or by installers, is no module that a
    server is told of; what a RUN puts there has its name in the RUN.
    """

    def at(path: str) -> Answer:
        for folder in folders:
            found = container.file_at(clean(f"{folder}/{path}"))
            if isinstance(found, Placed):
                return found if certain else UNKNOWN
        top = re.escape(path.partition("/")[0].removesuffix(".py"))
        stages = (*image.lineage, *image.builders)
        runs = (one.text for stage in stages for one in stage.of(Run) if "bin" in one.text)
        return UNKNOWN if any(re.search(rf"\b{top}\.py\b|/{top}\b", text) for text in runs) else None

    return at
