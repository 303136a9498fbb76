"""Settings that take the walls of a container away."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

WHAT = {
    "privileged": "`privileged` gives the container every right on the host: whoever breaks in there is root on it",
    "capability": "the capability `{}` reaches out of the container: whoever breaks in there gets further",
    "confinement": "`{}` switches off a filter that holds a break-in inside the container",
    "network": "`{}` puts the container into the host's own network: it reaches whatever listens there",
    "namespace": "`{}` shares this with the host: the container is no longer by itself",
}
PUBLISH = "leave it away, publish what is needed with `ports:`, and let the services call each other by their names"
LOWER = {"error": "warning", "warning": "info"}


def check(container: Container) -> Iterator[Finding]:
    """Speaks of each setting; one level lower in development, and as info of images that are made for it."""
    for one in container.privileges:
        severity = "error" if one.almighty else "warning"
        severity = "info" if one.expected else LOWER[severity] if container.development else severity
        network = one.kind == "namespace" and one.text.startswith("network_mode")
        message = WHAT["network" if network else one.kind].format(one.text)
        usual = severity == "info"
        yield Finding.at(
            one.span,
            message,
            severity=severity,
            help=PUBLISH if network else None,
            in_guide="info" if usual else None,
            pedantic=usual,
            once="value",  # one decision, often taken for all services, and in each variant of a file
        )
