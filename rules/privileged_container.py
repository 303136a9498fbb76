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
DEVICE = "ask for what it needs alone: `devices:` for a device, one capability under `cap_add:`"
LOWER = {"error": "warning", "warning": "info", "info": "info"}


def check(container: Container) -> Iterator[Finding]:
    """Speaks of each setting; one level lower in development, where it may be of use, and of programs that are not
    known, and as info of what is made for it.
    """
    for one in container.privileges:
        known = container.serves or container.role is not None
        severity = "error" if one.almighty and known and one.need is None else "warning"
        severity = "info" if one.expected else LOWER[severity] if container.development else severity
        network = one.kind == "namespace" and one.text.startswith("network_mode")
        message = WHAT["network" if network else one.kind].format(one.text)
        usual = severity == "info"
        finding = Finding.at(
            one.span,
            message,
            severity=severity,
            help=PUBLISH if network else DEVICE if one.need is not None else None,
            in_guide="info" if usual else None,
            pedantic=usual,
            once="value",  # one decision, often taken for all services, and in each variant of a file
        )
        yield finding.note(one.need, "this may be what it is for")
