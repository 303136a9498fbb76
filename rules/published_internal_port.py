"""A database, cache, broker or the like that is open to everyone who reaches the host."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

WHAT = {
    "database": "the database",
    "cache": "the cache",
    "broker": "the broker",
    "search": "the search engine",
    "admin": "a page for administrators",
    "storage": "the storage",
}


def check(container: Container) -> Iterator[Finding]:
    """Speaks once for each service. What is for development, or stands alone for it, is told as info."""
    one, deployment = container.internal_port, container.deployment
    if one is None or deployment is None:
        return
    port = f"port {one.number}" if one.number else "a random port"
    message = f"{WHAT[one.kind]} is open on {port} to everyone who reaches the host, past the host's firewall"
    alone = not any(other.runs_own_code for other in deployment.containers)
    setting = deployment.setting_of(one.span.source)
    mild = container.development or setting == "development" or alone or one.kind == "storage"
    finding = Finding.at(
        one,
        message,
        severity="info" if mild else None,
        in_guide=None if one.kind == "database" else "off",
    )
    for span in one.more:
        finding = finding.note(span, "as is this one")
    yield finding
