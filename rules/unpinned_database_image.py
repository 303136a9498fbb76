"""A database whose tag names no version, or one that has ended."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.bases.end_of_life import database_lifetime, floating_database, way_on


def check(container: Container) -> Iterator[Finding]:
    work = container.development
    severity = "info" if work else None
    for pull in container.data_pulls:
        life, floating = database_lifetime(pull), floating_database(pull, container.role)
        help_: str | None
        if floating is not None:
            message, help_ = f"`{pull.reference.text}` {floating.what}", floating.remedy
        elif life is not None and container.project is not None and life.ended(container.project.today):
            message = f"support for {life.name} ended on {life.end}: whatever is found in it now stays open"
            help_, severity = way_on(pull), "info" if work or _is_for_developers(container) else None
        else:
            continue
        yield Finding.at(
            pull,
            message,
            severity=severity,
            help=help_,
            in_guide=severity,
            pedantic=work is not None and not work.weak,
            once="project",
        )


def _is_for_developers(container: Container) -> bool:
    """Whether it stands in a set of databases and the like that is told never to restart: a developer's."""
    used = container.deployment
    if used is None or not used.is_for_developers:
        return False
    return all(one.restart is not None and one.restart.value == "no" for one in used.merged.services.values())
