"""The host's own configuration or credentials in a container."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the mount; as a warning in what is for development, of credentials that can only be read, and where a
    comment says why; as a hint, in `pedantic`, of the former two together. What the host measures is a hint, too.
    """
    for one in container.host_mounts:
        gets = "the credentials of whoever starts it" if one.credentials else "files that the host itself runs by"
        message = f"`{one.path}` of the host is in the container: a break-in there gets {gets}"
        lent = one.credentials and one.to_read and container.setting != "production"  # the developer's own, as a rule
        measured = one.to_read and one.told
        hint = measured or (lent and container.development is not None)
        mild = container.development or one.meant or (one.credentials and one.to_read)
        severity = "info" if hint else "warning" if mild else None
        own = hint and not measured  # a developer's, on the developer's machine
        finding = Finding.at(one.span, message, severity=severity, pedantic=own, in_guide="info" if own else None)
        yield finding.caused_by(one.span.source.path, one.path)  # one thing that several services are lent
