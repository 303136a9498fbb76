"""Dependencies that are installed in whatever version is newest."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image

LOCK = "commit a lock file and install from it, or compile the dependencies into a requirements file"
REVISION = "name a commit or a tag behind the address: `git+https://…@v1.2`"


def check(image: Image) -> Iterator[Finding]:
    if image.development:
        return
    for loose in image.loose_requirements:
        first, *others = (f"`{name}`" for name in loose.names)
        names = f"{first} and {len(others)} more" if len(others) > 1 else " and ".join((first, *others))
        lacks = f"{'have' if others else 'has'} no {'upper bound' if loose.bounded else 'version'}"
        lacks += " and no lock file" if loose.of_project else ""
        message = f"{names} {lacks}: tomorrow's build may bring another one than today's"
        if loose.moving:
            taken = "are taken from branches of repositories" if others else "is taken from a branch of its repository"
            message = f"{names} {taken}: tomorrow's build may bring other code than today's"
        elif loose.beyond:
            bound = f"{'have' if others else 'has'} an upper bound (`{loose.beyond}`) that no 0.x reaches"
            message = f"{names} {bound}: tomorrow's build may bring another minor version than today's"
        mild = loose.listed or loose.bounded or loose.passing or image.is_unclaimed
        finding = Finding.at(
            loose,
            message,
            severity="info" if mild else None,
            pedantic=loose.for_tools,
            once=None if loose.listed else "file",
            help=REVISION if loose.moving else LOCK if loose.of_project else None,
        )
        if loose.listed:
            finding = finding.note(loose.installation.step.head, "installed here")
        elif loose.lost_bound is not None:
            told = f"without quotes this is a redirection to a file: `pip` never sees `{loose.lost_bound.text}`"
            finding = finding.note(loose.lost_bound, told)
        yield finding
