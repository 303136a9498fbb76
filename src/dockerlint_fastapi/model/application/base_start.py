"""The application that a base image starts by itself, as those of tiangolo do when nobody gives them a command.

Their `/start.sh` takes `app.main` where `/app/app/main.py` is there, else `main` where `/app/main.py` is, and the name
`app` in it, unless APP_MODULE, MODULE_NAME or VARIABLE_NAME say otherwise (tiangolo/uvicorn-gunicorn-docker).
"""

from __future__ import annotations

from dockerlint_fastapi.model.application.application import Application
from dockerlint_fastapi.model.application.import_string import Target
from dockerlint_fastapi.model.application.search import Search
from dockerlint_fastapi.model.command import Argument, Program, Server
from dockerlint_fastapi.model.files.image_files import Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

_MODULES: Final = (("/app/app/main.py", "app.main"), ("/app/main.py", "main"))
_CHOOSE: Final = ("APP_MODULE", "MODULE_NAME", "VARIABLE_NAME")


class _BaseSearch(Search):
    """The search of the server that stands in the base image; `target` is what its script names."""

    def __init__(self, container: Container, server: Server, module: str) -> None:
        super().__init__(container, server)
        span = server.program.span
        self.target = Target(module, "", ("app",), called=False, module_span=span, attribute_span=span)


def application_of_base(container: Container) -> Application | None:
    """None where something else is started, or which module that is cannot be told."""
    image, service = container.image, container.service
    base = image.base if image is not None else None
    if image is None or base is None or base.family != "tiangolo" or base.server != "gunicorn":
        return None
    if container.program is not None or image.entrypoint is not None or image.cmd is not None:
        return None
    if service is not None and (service.command is not None or service.entrypoint is not None):
        return None
    if any(container.environment.get(name) is not None for name in _CHOOSE):
        return None
    module = module_of_base(container)
    found = _BaseSearch(container, _server(container), module).result if module is not None else None
    return found if isinstance(found, Application) else None


def module_of_base(container: Container) -> str | None:
    """The module that the scripts of these images take when no variable names one; None when that cannot be told."""
    for path, module in _MODULES:
        placed = container.file_at(path)
        if isinstance(placed, Placed):
            return module
        if placed is not None and _may_come(container, path):
            return None
    return None


def _may_come(container: Container, path: str) -> bool:
    """Whether anything of the project may be what stands at a place of which nothing certain is known; the base image
    has nothing but `/app/main.py` there.
    """
    assert container.image is not None  # noqa: S101 - the only caller has looked
    end = path.removeprefix("/app")
    if end == "/main.py" or container.covers:
        return True
    return any(f"/{one}".endswith(end) for one in container.image.project.paths)


def _server(container: Container) -> Server:
    """The server of the base image, of which nothing is told but that it is started in `/app`."""
    assert container.image is not None  # noqa: S101 - the only caller has looked
    span = container.image.lineage[0].from_.image.span
    program = Program(
        name="gunicorn",
        argv=(Argument("gunicorn", "gunicorn", span),),
        wrappers=(),
        environment={},
        shell=None,
        execs=True,
        last=True,
        background=False,
        span=span,
        moves=("/app",),
    )
    return Server.without_options(program, "gunicorn")
