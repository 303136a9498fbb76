"""Data that vanish with their container."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.services.kept_data import LostData


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the database's name, or of the variable that names a file of SQLite; of what is for development only
    where a volume was meant to keep them, as info.
    """
    work = container.development
    for one in container.lost_data:
        if work is not None and (one.sqlite or (one.beside is None and not work.weak)):
            continue
        name = container.service.name if container.service is not None else ""
        if one.writers is not None:
            message = "several workers write one SQLite file: one locks the others out, until they give up"
            yield Finding.at(one.writers, message, in_guide="off", help="use PostgreSQL, or one worker").note(
                one.span, "the file"
            )
        elif one.sqlite:
            place = f" `{one.place}`" if one.place else ""
            message = f"the SQLite file{place} is on no volume: it vanishes with the container"
            help_ = "mount a volume over its folder"
            yield Finding.at(one.span, message, in_guide="off", help=help_).note(container.service, "the service")
        else:
            message = f"`{name}` keeps its data on no volume: they vanish when the container is removed"
            change = edits.services.data_volume(container, one.directory, one.beside)
            idle = one.beside is None and _is_a_developers(container)
            severity = "info" if container.development or idle else None
            guide = "info" if idle else None
            finding = Finding.at(one.span, message, severity=severity, help=_advice(one), in_guide=guide, pedantic=idle)
            finding = finding.note(one.beside, "this one is not where they are")
            finding = finding.caused_by(one.span.source.path, _origin(container), one.target)
            title = "keep them on a named volume" if one.beside is None else f"mount it at `{one.directory}`"
            yield finding.fixed_by(title, change, safe=False, names="mounts")


def _advice(lost: "LostData") -> str | None:
    """Where to mount the volume, also for the version that `unpinned-database-image` advises where the tag has none."""
    advice = f"mount a named volume at `{lost.directory}`" if lost.directory else None
    return advice if lost.elsewhere is None else f"{advice}, or at `{lost.elsewhere[1]}` with `{lost.elsewhere[0]}`"


def _origin(container: Container) -> str | None:
    """The image that a service takes by name."""
    image = container.service.image if container.service is not None else None
    return image.text if image is not None else None


def _is_a_developers(container: Container) -> bool:
    """Whether nobody but developers needs the database, as far as anybody can see: it may be meant to begin anew."""
    deployment, service = container.deployment, container.service
    kept_up = service is not None and service.is_kept_up
    return not kept_up and deployment is not None and deployment.holds_no_program
