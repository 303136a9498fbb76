"""How many workers a server starts unless somebody sets the variable that decides: uvicorn by a default in the compose
file, gunicorn by the configuration of the base image.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Value
from dockerlint_fastapi.model.environment.interpolation import or_unset, references, render
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container

_VARIABLE = "WEB_CONCURRENCY"  # uvicorn, "Settings": the default of `--workers`

# What the configuration of tiangolo's images reads.
_OF_BASE = ("WEB_CONCURRENCY", "MAX_WORKERS", "WORKERS_PER_CORE", "GUNICORN_CMD_ARGS")


class DefaultWorkers(NamedTuple):
    """More than one worker by the default of `WEB_CONCURRENCY: ${X:-4}`. `shown` tells that an example of the env file
    has more than one, too, or that nobody sets it. `of_base` is the image whose own configuration has one for each CPU.
    """

    workers: Value
    shown: bool
    of_base: str | None = None


def default_workers(container: Container) -> DefaultWorkers | None:
    """The workers of uvicorn by a default in the compose file, which an env file that is not there may change; None
    where there is one, the number is known or set otherwise, or an example sets no more than one.
    """
    server, service = container.server, container.service
    if server is None or server.kind == "gunicorn":
        return _of_base(container)
    variable = container.variables.get(_VARIABLE)
    if service is None or variable is None or variable.origin != "compose" or not variable.certain:
        return None
    if server.kind != "uvicorn" or server.workers is not None or server.call is not None or variable.value is not None:
        return None
    if any(one.value is None or one.value.startswith("--workers") for one in server.program.argv):
        return None
    if server.reload is None or server.reload.on:
        return None
    asked = references(variable.text)
    rendered = render(variable.text, or_unset(service.lookup))
    if len(asked) != 1 or asked[0].operator not in (":-", "-") or not rendered.certain:
        return None
    said = list(_said(container, asked[0].name))
    made = Value(rendered.text, variable.span, "environment")
    if (made.number or 0) < 2 or any(one < 2 for one in said):
        return None
    return DefaultWorkers(made, bool(said))


def _of_base(container: Container) -> DefaultWorkers | None:
    """A worker for each CPU, and two at least, by the configuration of tiangolo's images, when none of its variables is
    there (tiangolo/uvicorn-gunicorn-docker, gunicorn_conf.py).
    """
    image, server, service = container.image, container.server, container.service
    base = image.base if image is not None else None
    if image is None or base is None or base.family != "tiangolo" or base.server != "gunicorn":
        return None
    if server is None:
        idle = container.role == "server" and image.cmd is None and image.entrypoint is None
        started = idle and (service is None or (service.command is None and service.entrypoint is None))
        started = started and "gunicorn_conf.py" not in image.project.index.names
    else:  # with a configuration of the project's own nothing is known of the address
        started = server.program.wrappers[-1:] == ("start.sh",) and server.workers is None
        started = started and "-b" in [one.value for one in server.program.argv]
    set_elsewhere = container.env_files or any(name in container.variables for name in _OF_BASE)
    if not started or set_elsewhere:
        return None
    span = image.lineage[0].from_.image.span
    return DefaultWorkers(Value("2", span, "default"), shown=True, of_base=base.reference.repository)


def _said(container: Container, name: str) -> list[int]:
    """What examples of env files beside the compose files, and at the project's root, set a variable to."""
    from dockerlint_fastapi.model.secrets.defaulted_secrets import files_of_variables  # noqa: PLC0415 - for a few

    deployment = container.deployment
    project = deployment.project if deployment is not None else None
    if deployment is None or project is None:
        return []
    folders = {one.source.path.rpartition("/")[0] for one in deployment.files}
    folders |= {one.rpartition("/")[0] for one in folders} | {""}
    paths = (path for folder in sorted(folders) for path in files_of_variables(project, folder))
    sources = (project.source_of(path) for path in paths)
    pattern = rf"(?m)^[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*=[ \t]*[\"']?(\d{{1,4}})\b"
    return [int(found) for one in sources if one is not None for found in re.findall(pattern, one.text)]
