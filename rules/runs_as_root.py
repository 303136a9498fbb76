"""A server or worker that runs as root."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image

# Of a start that root has to begin, as it starts services of the system.
ALONE = "start the server alone as another user, by `setpriv` or `gosu`"
NEEDED = "this takes root, so `USER` alone would break the start"
NAMED = ("user", "steps")  # of the fixes: a step that makes the user, and what follows runs as that one


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the user that is set last, in compose or by USER, or of the FROM whose own user nobody changes."""
    image, account, program = container.image, container.account, container.program
    if image is None or program is None or account is None or not account.is_root or image.is_for_lambda:
        return  # Lambda has a user of its own for all
    if container.python is False or container.development or container.drops_privileges is not False:
        return
    if not container.long_running:
        yield from _forgotten(container)
        return
    message = f"`{program.name}` runs as root: whoever breaks into it may write and install anything in the container"
    starter = container.service_starter
    mild = starter is not None or _hurts_less(container, image)
    bare = account.span is None
    finding = Finding.at(
        account.span or image.stage.from_.image,
        f"no `USER` follows, so {message}" if bare else message,
        severity="info" if mild else None,
        help=ALONE if starter is not None else None,
        once="file" if bare else None,
    )
    finding = finding.caused_by(*_twins(image)) if bare else finding
    if starter is not None:
        yield finding.note(starter, NEEDED)
    else:
        yield _of_base(image, finding) if bare else _of_user(container, finding)


def _twins(image: Image) -> tuple[str, ...]:
    """What Dockerfiles of one folder have in common whose stages are the same, as `Dockerfile` and one of that name
    without BuildKit: the folder, and the instructions of the stages.
    """
    folder = image.dockerfile.source.path.rpartition("/")[0]
    return (folder, *(each.span.text for one in image.lineage for each in (one.from_, *one.instructions)))


def _forgotten(container: Container) -> Iterator[Finding]:
    """Speaks of a user that is made for what does not stay."""
    idle = container.forgotten_user
    if idle is not None:
        message = f"`{idle.name}` is made here, and no `USER` switches to it: what the image starts runs as root"
        yield Finding.at(idle.span, message, severity="info")


def _hurts_less(container: Container, image: Image) -> bool:
    """Whether somebody else decides on the user, needs root, or works on the code alone."""
    aside = image.is_unclaimed or image.belongs_to_host or image.gets_user or image.opens_host_ports
    locked = container.service is not None and container.service.is_locked_down
    return aside or locked or container.borrows_code or container.is_for_work_alone or _is_for_socket(container)


def _is_for_socket(container: Container) -> bool:
    """Whether compose sets root where it mounts Docker's socket, of which `docker-socket-mounted` speaks."""
    account, image = container.account, container.image
    if account is None or account.span is None or image is None:
        return False
    return account.span.source is not image.dockerfile.source and any(container.docker_sockets)


def _of_user(container: Container, finding: Finding) -> Finding:
    """The finding on a user that is set, with what the image sets where compose sets another."""
    where, own = finding.span, container.image.user if container.image is not None else None
    if own is not None and own.user.span != where:
        finding = finding.note(own.user, f"the image itself would start as `{own.user.text}`")
    change = edits.accounts.switched(container, where)
    return finding.fixed_by("run as another user", change, safe=False, names=NAMED)


def _of_base(image: Image, finding: Finding) -> Finding:
    """The finding on a user that nobody changes, with what is there to change it, and what stands in the way."""
    made, closed = image.stage.made_user, image.closed_place
    folders = [*image.made_folders]
    finding = finding.note(
        made and made.span, f"`{made.name}` is made here, but no `USER` switches to it" if made else ""
    )
    if folders:
        named = ", ".join(f"`{one.path}`" for one in folders[:3])
        finding = finding.note(
            folders[0].span, f"root's as well: give the user {named}, if the application writes there"
        )
    if closed is not None:
        return finding.note(closed, "nobody but root may enter `/root`: what the user runs has to lie elsewhere")
    change = edits.accounts.unprivileged(image, [one.path for one in folders])
    return finding.fixed_by("run as another user", change, safe=False, names=NAMED)
