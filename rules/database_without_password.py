"""A database without a password."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.secrets.database_password import OpenDatabase


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the service, or of the setting that lets everybody in."""
    found = container.open_database if container.is_whole else None
    if found is None or container.service is None:
        return
    if found.opened is not None:
        message = f"`{found.by}` opens `{container.service.name}` to everyone who reaches its port"
        work = container.development is not None
        editor = container.in_editor
        # nobody but its developer reaches it
        own = editor or (work and (found.switch or container.internal_port is None))
        yield Finding.at(
            found.opened,
            message,
            severity="info" if work or editor else "warning",
            help=_how(found),
            pedantic=own,
            in_guide="info" if own else None,
            once="file" if editor else None,
        )
    elif found.starts:
        yield _unguarded(container, found.wanted)
    else:
        name, image = container.service.name, f"the {found.product} image"
        message = f"`{name}` has no `{found.wanted}`: with an empty volume {image} refuses to start"
        yield Finding.at(container, message)


def _how(found: "OpenDatabase") -> str | None:
    """What to do about a setting that lets everybody in."""
    if found.has_password:
        return f"take `{found.by}` out: `{found.wanted}` is set, and then asked for"
    if found.wanted == found.by:
        return f"give `{found.by}` a user and a password, or leave the port unpublished"
    return f"take `{found.by}` out and set `{found.wanted}`, or leave the port unpublished" if found.switch else None


def _unguarded(container: Container, wanted: str) -> Finding:
    """Of a database that starts without a password; what only its own network reaches is milder."""
    service, deployment, port = container.service, container.deployment, container.internal_port
    work = bool(container.development or (deployment is not None and deployment.is_for_developers))
    name = service.name if service is not None else ""
    return Finding.at(
        container,
        f"`{name}` has no `{wanted}`: it asks nobody who reaches its port for a password",
        severity="warning" if port is not None and not work else "info",
        help=f"set `{wanted}` and `{wanted.replace('USERNAME', 'PASSWORD')}`, and name both in the URL of its clients",
        pedantic=work,
        in_guide="info" if work else None,
        once="file",
    )
