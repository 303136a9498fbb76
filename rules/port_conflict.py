"""Two services that want the same port of the host."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the later service; as a warning when a profile has to be chosen for both to start."""
    for conflict in deployment.port_conflicts:
        port = f"{conflict.port}" if conflict.protocol == "tcp" else f"{conflict.port}/{conflict.protocol}"
        names = f"`{conflict.first.name}` and `{conflict.second.name}`"
        message = f"{names} both publish port {port} of the host: the second one does not start"
        finding = Finding.at(conflict.second_span, message, severity=None if conflict.always else "warning")
        yield finding.note(conflict.first_span, f"taken by `{conflict.first.name}`")
