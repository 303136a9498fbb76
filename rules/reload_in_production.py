"""A server that watches its source files, in what is meant to be deployed."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.command import Server
from dockerlint_fastapi.model.start.manifests import is_commanded_elsewhere

START = "start `/start.sh` here, and `/start-reload.sh` in `compose.override.yaml` alone"
RUN = "start `fastapi run` here, and `fastapi dev` in `compose.override.yaml` or in a stage for development"


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the word that turns the reloader on: an option, a variable, or `dev` of `fastapi dev`."""
    server = container.server
    if server is None or server.reload is None or not server.reload.on:
        return
    work = container.started_for_work
    if (work is not None and work.firm) or server.call is not None:
        return  # of code, `uvicorn-run-misuse` speaks
    where = server.reload.span or server.program.span
    deployed = container.platform_command if work is not None and where.source.path.endswith(".sh") else None
    work = work if deployed is None else None  # the services that work on the code start the same script
    in_dockerfile = container.image is not None and where.source is container.image.dockerfile.source
    if work is not None and in_dockerfile and _is_workshop(container):
        return  # there is no code to reload but what development mounts
    severity = _severity(container, for_work=work is not None, in_dockerfile=in_dockerfile)
    what = _told(server)
    alone = " and allows no `--workers`" if server.kind in ("uvicorn", "fastapi") else ""
    mild = severity == "info"
    message = f"{what}, made for development: it restarts whenever a file changes{alone}"
    idle = mild and not (work is not None and work.weak)
    finding = Finding.at(where, message, severity=severity, pedantic=idle, in_guide="info" if mild else None)
    if server.subcommand == "dev" and what.startswith("`fastapi dev`"):
        finding = finding._replace(help=RUN).caused_by(where.source.path, str(where.line))  # with `--reload` behind it
    if server.program.base_script is not None:
        finding = finding._replace(help=START)
    finding = finding.note(deployed, "the platform starts this script")
    yield _fixed(finding, container, server, safe=in_dockerfile and severity == "error")


def _severity(container: Container, *, for_work: bool, in_dockerfile: bool) -> str:
    base = container.deployment is not None and container.deployment.setting == "base"
    severity = "warning" if base and not in_dockerfile else "error"
    if for_work:  # for work on the code, whatever the file is called
        known = is_commanded_elsewhere(container) or (container.image is not None and container.image.is_only_watched)
        return "warning" if severity == "error" and not known else "info"
    # every service, or the manifest of a cluster, may give another command, or take another image
    return "warning" if _is_started_otherwise(container) else severity


def _told(server: Server) -> str:
    """What turns the reloader on."""
    origin = server.reload.origin if server.reload is not None else ""
    if origin == "file" or (origin == "environment" and server.config is not None):
        return f"`reload` is on in the configuration of `{server.kind}`"
    if origin == "environment":
        return f"`{server.kind.upper()}_RELOAD` turns on the reloader"
    script = server.program.base_script
    if script is not None:
        return f"`/{script}` of the base image runs `{server.kind}` with `--reload`"
    return "`fastapi dev` runs the reloader" if server.subcommand == "dev" else f"`{server.kind}` runs with `--reload`"


def _is_workshop(container: Container) -> bool:
    """Whether its image holds nothing but tools, for work on the Python code that the project has elsewhere."""
    image = container.image
    if image is None or not image.only_for_work or not image.without_code:
        return False
    return any(path.endswith(".py") for path in image.project.paths)


def _is_started_otherwise(container: Container) -> bool:
    """Whether nothing that the project holds runs the image's own command, be it that nothing builds it."""
    image = container.image
    if container.service is not None or image is None:
        return False
    return image.is_started_otherwise or is_commanded_elsewhere(container) or image.is_left_for_another


def _fixed(finding: Finding, container: Container, server: Server, *, safe: bool) -> Finding:
    """The finding with what turns the reloader off; without, for who works on the code and wants it."""
    image, where, reload = container.image, finding.span, server.reload
    if any(one.development and one.reloads for one in (container, *(image.containers if image else ()))):
        return finding
    if reload is not None and reload.origin == "option":
        words = [*edits.options.words_of(server.program, where), *server.reload_options]
        change, names = edits.words.without(words) if words else None, edits.options.RELOADING
        safe = safe and server.several is None
        # behind a reloader, nobody asks for code that is mounted for it
        return finding.fixed_by("drop `--reload`", change, safe=safe, reveals=True, names=names)
    if reload is not None and reload.origin == "environment" and image is not None:
        gone = edits.options.without_variable(image, where)
        return finding.fixed_by("drop the variable", gone, safe=False, names=("here", "server:reload"))
    if server.subcommand == "dev" and where.text.strip("\"'") == "dev":
        return finding.fixed_by(
            "start `fastapi run`",
            edits.words.instead(where, "run"),
            safe=False,
            names=("command", "server:kind", "server:reload", "server:host", "server:bind"),
        )
    return finding
