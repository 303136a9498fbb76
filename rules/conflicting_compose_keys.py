"""Two keys of one service that cannot both be had."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Deployment

# What is wrong, how grave it is, and what the other place says.
WHAT = {
    "network-mode": ("`networks` beside `network_mode: {text}`: Compose refuses the file", "error", "the mode"),
    "host-ports": (
        "on the host's network `ports` do nothing: the program is open on its own ports",
        "warning",
        "the mode",
    ),
    "container-name": (
        "`container_name` gives {count} containers one name: Compose refuses the file",
        "error",
        "the number of them",
    ),
    "replicas": (
        "`scale` and `deploy.replicas` say different numbers: Compose refuses the file",
        "error",
        "the other one",
    ),
    "fixed-port": (
        "the host's port {text} is for {count} containers: not all of them can have it",
        "error",
        "the number of them",
    ),
    "limit": (
        "`{text}` and `deploy.resources` say different limits: Compose refuses the file",
        "error",
        "the other one",
    ),
    "mounts": ("another volume at `{text}` follows: Compose mounts only that one", "warning", "the one that counts"),
    "tmpfs": ("a volume and a tmpfs at `{text}`: Compose refuses the file", "error", "the other one"),
    "watch": (
        "`{text}` without a `target` knows no place to copy to: Compose refuses the file",
        "error",
        "the service",
    ),
    "dockerfile": ("`dockerfile_inline` beside `dockerfile`: Compose refuses the file", "error", "the other one"),
}


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the key that does not go with the other; the guide asks only for the ports of several containers."""
    for one in deployment.conflicts:
        message, severity, other = (part.format(text=one.text, count=one.containers) for part in WHAT[one.kind])
        in_guide = None if one.kind in ("fixed-port", "container-name") else "off"
        once = "file" if one.kind == "host-ports" else None  # one decision, taken for all services
        finding = Finding.at(one.span, message, severity=severity, in_guide=in_guide, once=once)
        finding = finding.note(one.other, other)
        if one.kind == "mounts":
            change = edits.services.without_mount(one.service, one.span)
            finding = finding.fixed_by("remove the one that does not count", change, safe=False, names="mounts")
        yield finding
