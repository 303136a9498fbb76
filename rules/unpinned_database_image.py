"""A database whose tag names no version, or one that has ended."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.bases.end_of_life import database_lifetime, floating_database, way_on

# Removed in 8.4.0 (https://dev.mysql.com/doc/mysqld-version-reference/en/optvar-changes-8-4.html).
PLUGIN = "--default-authentication-plugin"


def check(container: Container) -> Iterator[Finding]:
    work = container.development
    severity = "info" if work or container.only_carries_messages else None
    mounts = [one.target.rstrip("/") for one in container.covers if one.target is not None]
    for pull in container.data_pulls:
        life, floating = database_lifetime(pull), floating_database(pull, container.role, mounts)
        help_: str | None
        if floating is not None:
            message, help_ = f"`{pull.reference.text}` {floating.what}", floating.remedy
        elif life is not None and container.project is not None and life.ended(container.project.today):
            message = f"support for {life.name} ended on {life.end}: whatever is found in it now stays open"
            mild = severity or _is_for_developers(container) or _serves_work(container)
            help_, severity = way_on(pull), "info" if mild else None
        else:
            continue
        yield Finding.at(
            pull,
            message,
            severity=severity,
            help=_with_command(container, help_),
            in_guide=severity,
            pedantic=work is not None and not work.weak,
            once="project",
        )


def _with_command(container: Container, help_: str | None) -> str | None:
    """The advice, with what the command of a service has to lose for it: an option that MySQL 8.4 does not know."""
    command = container.service.command if container.service is not None else None
    if command is None or help_ is None or "`mysql:8.4" not in help_ or PLUGIN not in command.span.text:
        return help_
    return f"{help_}; take `{PLUGIN}` out of `command:` then, an option at which 8.4 ends"


def _serves_work(container: Container) -> bool:
    """Whether all programs of the project beside it are started by a reloader for work on them."""
    used = container.deployment
    others = [one for one in used.containers if one.runs_own_code] if used is not None else []
    return bool(others) and all(one.reloads and one.started_for_work is not None for one in others)


def _is_for_developers(container: Container) -> bool:
    """Whether it stands in a set of databases and the like that is told never to restart: a developer's."""
    used = container.deployment
    if used is None or not used.is_for_developers:
        return False
    return all(one.restart is not None and one.restart.value == "no" for one in used.merged.services.values())
