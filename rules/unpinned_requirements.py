"""Dependencies that are installed in whatever version is newest."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.loose_requirements import LooseRequirement, loose_installers

LOCK = "commit a lock file and install from it, or compile the dependencies into a requirements file"
MANAGER = "name its version, that of the one which wrote the lock file: `pip install {}==…`"
SCRIPT = "name its version: `{}_VERSION=…` in front of what runs the script, or in the address where that has a place"
STEADY = ("uv",)  # its lock file has had one schema since the first
REVISION = "name a commit or a tag behind the address: `git+https://…@v1.2`"


def check(image: Image) -> Iterator[Finding]:
    if image.development:
        return
    services = [one for one in image.containers if one.service is not None]
    by_hand = bool(services) and all(one.is_off for one in services)  # a tool that somebody starts now and then
    for loose in image.loose_requirements:
        mild = loose.listed or loose.bounded or loose.passing or image.hardly_ships or by_hand
        finding = Finding.at(
            loose,
            _message(loose),
            severity="info" if mild else None,
            pedantic=loose.for_tools or loose.is_uninstalled or (loose.manages and loose.names == STEADY),
            once=None if loose.listed else "project" if loose.manages else "file",
            help=_how(loose),
        )
        if loose.listed:
            finding = finding.note(loose.installation.step.head, "installed here")
            finding = finding.caused_by(loose.span.source.path, loose.kind)
        elif loose.lost_bound is not None:
            told = f"without quotes this is a redirection to a file: `pip` never sees `{loose.lost_bound.text}`"
            finding = finding.note(loose.lost_bound, told)
        elif not loose.manages:  # in the steps of a Dockerfile
            finding = finding.caused_by(loose.span.source.path, loose.kind)
        yield finding
    yield from _installers(image)


def _message(loose: LooseRequirement) -> str:
    first, *others = (f"`{name}`" for name in loose.names)
    names = f"{first} and {len(others)} more" if len(others) > 1 else " and ".join((first, *others))
    if loose.moving:
        taken = "are taken from branches of repositories" if others else "is taken from a branch of its repository"
        return f"{names} {taken}: tomorrow's build may bring other code than today's"
    if loose.beyond:
        bound = f"{'have' if others else 'has'} an upper bound (`{loose.beyond}`) that no 0.x reaches"
        return f"{names} {bound}: tomorrow's build may bring another minor version than today's"
    lacks = f"{'have' if others else 'has'} no {'upper bound' if loose.bounded else 'version'}"
    lacks += " and no lock file" if loose.of_project else ""
    return f"{names} {lacks}: tomorrow's build may bring another one than today's"


def _installers(image: Image) -> Iterator[Finding]:
    """Managers of projects that come by a script of their own."""
    for name, span in loose_installers(image):
        message = f"`{name}` has no version: tomorrow's build may bring another one than today's"
        how = SCRIPT.format(name.upper())
        yield Finding.at(span, message, severity="info", help=how, once="project", pedantic=(name,) == STEADY)


def _how(loose: LooseRequirement) -> str | None:
    if loose.manages:
        return MANAGER.format(loose.names[0])
    return REVISION if loose.moving else LOCK if loose.of_project else None
