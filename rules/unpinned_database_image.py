"""A database whose tag names no version, or one that has ended."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.bases.end_of_life import DATABASES, database_lifetime

KEEPS_NO_FORMAT = frozenset(("redis", "valkey"))  # newer versions read the files of older ones
HOLDERS = frozenset(("database", "broker"))


def check(container: Container) -> Iterator[Finding]:
    severity = "info" if container.development else None
    for pull in container.pulls if container.service is not None else ():
        reference, life = pull.reference, database_lifetime(pull)
        if reference.digest is None and reference.drift is not None:
            known = reference.full_repository in DATABASES or (container.role in HOLDERS and not reference.namespace)
            if known and reference.name not in KEEPS_NO_FORMAT:
                verb = "cannot" if reference.name == "postgres" else "may not"
                message = f"`{reference.text}` is a newer version some day, which {verb} read the data of the old one"
                yield Finding.at(
                    pull, message, severity=severity, in_guide=severity, pedantic=severity is not None, once="project"
                )
        elif life is not None and container.project is not None and life.ended(container.project.today):
            message = f"support for {life.name} ended on {life.end}: whatever is found in it now stays open"
            yield Finding.at(
                pull, message, severity=severity, in_guide=severity, pedantic=severity is not None, once="project"
            )
