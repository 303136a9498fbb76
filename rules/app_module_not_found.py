"""A server that cannot import its application: the import string leads nowhere, or to a module that cannot be run."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.application import Candidate, Fault, Lack, Search, WayOut
from dockerlint_fastapi.model.command import Server


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the part of the import string at fault, and of what is there instead when that is one thing."""
    sample = container.image is not None and container.image.is_sample
    search = container.search if container.is_whole and not sample else None
    if search is None or _is_told_of_a_service(container, search):
        return
    codeless = container.is_codeless
    severity = "info" if codeless else "warning" if container.is_bare else None
    fault = search.result
    if not isinstance(fault, Fault):
        if search.lack is not None:
            yield _of_lack(search.lack, search, severity)
        elif search.way_out is not None:
            yield _of_way_out(search.way_out, search, severity)
        return
    finding = Finding.at(fault.span, _what(fault, search.server), severity=severity, pedantic=codeless)
    finding = finding.caused_by(container.image, fault.span.source.path, finding.message)  # in copies of a service
    for other in container.image.plain_containers if container.image is not None else ():
        own = other.search.result if other.is_bare and other.search is not None else None
        if other is not container and isinstance(own, Fault) and _is_same(own, fault):
            finding = finding.note(own.span, "the image's own command says the same")
    finding = finding.note(fault.module, "the module that it finds")
    yield _with_candidate(finding, fault.candidates, search.server) if len(fault.candidates) == 1 else finding


def _with_candidate(finding: Finding, candidates: tuple[Candidate, ...], server: Server) -> Finding:
    """With what is there: as a change where that can be started, else with what keeps it from that."""
    (candidate,) = candidates
    if candidate.lack is not None:
        text = f"`{candidate.text}` is there, but imports `{candidate.lack.name}`, which Python does not find"
        finding = finding.note(candidate.lack.span, text)
        whole = finding.span.text.startswith(candidate.lack.name.partition(".")[0] + ".")
        return finding._replace(help=_build_above(candidate.lack)) if whole else finding
    finding = finding.note(candidate.span, f"`{candidate.text}` is there")
    app = server.app
    if app is None or app.span is None or app.span.text != app.text:
        return finding
    change = Edit(app.span, candidate.text)
    names = ("command", "server:app")
    return finding.fixed_by(f"start `{candidate.text}`", change, safe=False, reveals=True, names=names)


def _is_same(fault: object, other: Fault) -> bool:
    return isinstance(fault, Fault) and (fault.kind, fault.text, fault.reason) == (other.kind, other.text, other.reason)


def _is_told_of_a_service(container: Container, search: Search) -> bool:
    """Whether a service that is built from the image starts with the same mistake, and it is told there."""
    if not container.is_bare or container.image is None or not isinstance(search.result, Fault):
        return False
    services = [one for one in container.image.containers if one.is_whole and not one.is_bare]
    return any(one.search is not None and _is_same(one.search.result, search.result) for one in services)


def _of_lack(lack: Lack, search: Search, severity: str | None) -> Finding:
    server = " ".join(filter(None, (search.server.kind, search.server.subcommand)))
    message = f"there is no `{lack.name}` where Python looks: the import fails, and `{server}` exits when it starts"
    top = lack.name.partition(".")[0]
    help_ = f"have the folder that holds `{top}` in the image, and let Python look there: `WORKDIR` or `PYTHONPATH`"
    finding = Finding.at(lack.span, message, severity=severity, help=help_, once="file")
    return finding.note(search.container.start_span, "the container starts with this")


def _of_way_out(out: WayOut, search: Search, severity: str | None) -> Finding:
    server = " ".join(filter(None, (search.server.kind, search.server.subcommand)))
    message = (
        f"`{out.name}` is in no package that `{out.span.text}` could lead to: the import fails, and `{server}` exits"
    )
    bare = out.span.text.lstrip(".")
    help_ = f"write `from {bare} import …`" if bare else "import without dots"
    help_ += ", or start it from the folder above, by the name of its package and its own"
    finding = Finding.at(out.span, message, severity=severity, help=help_, once="file")
    return finding.note(search.container.start_span, "the container starts with this")


def _build_above(lack: Lack) -> str:
    """What to do where code knows itself by a longer name than the image does."""
    top = lack.name.partition(".")[0]
    where = f"`{lack.folder}`" if lack.folder else "the project's root"
    return (
        f"build from {where}, the folder that holds `{top}`, "
        f"and copy or mount `{top}` as a folder: the code imports it so"
    )


def _what(fault: Fault, started: Server) -> str:
    """What is wrong, in words."""
    server = " ".join(filter(None, (started.kind, started.subcommand)))
    match fault.kind:
        case "form":
            return f"`{fault.text}`: {fault.reason}, and exits"
        case "module":
            return f"there is no module `{fault.text}` in `{fault.reason}`: `{server}` exits when it starts"
        case "attribute":
            return f"`{fault.reason}` has no `{fault.text}`: `{server}` exits when it starts"
        case _ if fault.text:
            return f"there is no `{fault.reason}`: `{server}` exits when it starts"
        case _:
            return f"`{server}` finds no `main.py`, `app.py` or `api.py` in `{fault.reason}`, and exits"
