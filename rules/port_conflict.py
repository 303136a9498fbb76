"""Two services that want the same port of the host."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of a file's later services; as a warning when a profile has to be chosen for both to start, or when
    they are variants of one service, or one is started by its name.
    """
    for conflict in deployment.port_conflicts:
        port = f"{conflict.port}" if conflict.protocol == "tcp" else f"{conflict.port}/{conflict.protocol}"
        second, first = conflict.second.name, conflict.first.name
        message = f"`{second}` publishes port {port} of the host, as `{first}` does: the second one does not start"
        by_name = deployment.is_started_by_name(conflict.second) or deployment.is_started_by_name(conflict.first)
        mild = not conflict.always or conflict.variant or by_name or deployment.is_started_in_parts
        severity = "warning" if mild else None
        finding = Finding.at(conflict.second_span, message, severity=severity, once="file")
        yield finding.note(conflict.first_span, f"taken by `{first}`")
