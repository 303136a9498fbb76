"""A database, cache, broker or the like that is open to everyone who reaches the host."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
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
    """Speaks once for each service. What only a developer starts, and files for users, are left to `pedantic`."""
    one, deployment = container.internal_port, container.deployment
    if one is None or deployment is None:
        return
    port = f"port {one.number}" if one.number else "a random port"
    message = f"{WHAT[one.kind]} is open on {port} to everyone who reaches the host, past the host's firewall"
    work = (
        container.development or deployment.is_for_developers or deployment.setting_of(one.span.source) == "development"
    )
    mild = bool(work) or one.for_host or one.kind == "storage"
    finding = Finding.at(
        one,
        message,
        severity="info" if mild else None,
        in_guide="off" if one.kind != "database" else "info" if mild else None,
        pedantic=mild,
    )
    for span in one.more:
        finding = finding.note(span, "as is this one")
    if container.service is None or deployment.is_swarm:  # Swarm publishes on every address
        yield finding
    else:
        changes = [edits.services.local_port(container.service, span) for span in (one.span, *one.more)]
        yield finding.fixed_by("open it to the host alone", *changes, safe=False, names="ports")
