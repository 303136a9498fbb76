"""A bind mount over the virtual environment that the program is installed in."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the mount, with notes to what makes the environment and to what looks for it."""
    hidden = container.hidden_environment
    if hidden is None:
        return
    mount, place, use = hidden.mount, hidden.environment.place, hidden.use
    hides = f"the mount hides `{place}`, which the image was built with"
    finding = (
        Finding.at(mount, f"{hides}: `uv run` installs everything again, into the folder on the host", severity="info")
        if hidden.recreated
        else Finding.at(mount, f"{hides}: nothing that is installed in it is found at the start")
    )
    finding = finding.note(hidden.environment, "made here").note(use.span, f"needed here, by `{use.words}`")
    if hidden.off_path:
        advice = f"mount a volume at `{place}`, and put `{place}/bin` on `PATH`, which does not lead there either"
        yield finding._replace(help=advice)
        return
    change = edits.services.another_mount(container.service, mount.span, place) if container.service else None
    yield finding.fixed_by("keep the image's environment in a volume of its own", change, names="mounts")
