"""A volume for a database's data at a path where that version of the image does not keep them."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    stray = container.stray_volume
    if stray is None:
        return
    image = f"`{stray.pull.reference.text}`"
    newest = " (18 by now)" if stray.version is None and stray.pull.reference.name == "postgres" else ""
    if stray.refuses:
        message = f"{image}{newest} keeps its data below `{stray.directory}` and refuses to start with a mount here"
        old = "postgres:17-alpine" if "alpine" in (stray.pull.reference.tag or "") else "postgres:17"
        how = f"pin `{old}`, or mount at `{stray.directory}` and move the data with `pg_upgrade`"
    else:
        where = f"in `{stray.directory}`"
        if stray.place.startswith(f"{stray.directory}/"):
            where = f"in a folder of its version below `{stray.directory}`"
        message = f"{image}{newest} keeps its data {where}: nothing is kept in this volume"
        how = f"mount it at `{stray.directory}`"
    if stray.unless is not None:
        message += f", unless `{stray.unless.rpartition('/')[2] or 'an env file'}` sets `PGDATA`"
    spared = container.development is not None and not stray.refuses  # it starts, and what it loses is nobody's
    finding = Finding.at(stray, message, severity="warning" if spared or stray.unless is not None else None, help=how)
    finding = finding.note(stray.pull, "the version is chosen here")
    if stray.version is not None and stray.span.text.rstrip("/") == stray.place:
        finding = finding.fixed_by(
            f"mount it at `{stray.directory}`", Edit(stray.span, stray.directory), safe=False, names="mounts"
        )
    yield finding
