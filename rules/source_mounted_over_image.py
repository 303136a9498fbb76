"""The host's source code in place of the image's, in what is meant to be deployed."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the mount; only where its file is for production, or says that the service is always to run."""
    service, deployment, server = container.service, container.deployment, container.server
    work = container.development
    if service is None or deployment is None or (work is not None and not work.weak) or service.watch:
        return
    if server is not None and server.reload is not None and server.reload.on:
        return  # made for work on the code
    always = service.restart is not None and service.restart.value == "always"
    if deployment.setting != "production" and not deployment.is_doubtful and not always:
        return
    for one in container.mounted_code:
        message = (
            f"the host's code lies over the image's: `{service.name}` runs what is in that folder, not what was tested"
        )
        finding = Finding.at(one, message).note(one.passage, f"the image has its own `{one.path}`")
        data = one.database_in(container)
        if data is not None:  # without the mount, and a volume in its place, they are gone with the container
            finding = finding._replace(help="give the SQLite file a volume of its own, then take the mount away")
            yield finding.note(data if data.shown else None, "its data lie in the mounted folder")
            continue
        over = deployment.files[-1].services.get(service.name)
        if over is not None and over.span.source is not one.span.source:  # it is there for work on the code, too
            yield finding.note(over, "merged with this file, which takes no mount away")
        else:
            change = edits.services.without_mount(service, one.span)
            yield finding.fixed_by("take the mount away", change, safe=False, names="mounts")
