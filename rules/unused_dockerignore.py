"""Ignore files that no build reads."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Project


def check(project: Project) -> Iterator[Finding]:
    """Speaks only when every build of the project is known."""
    for unread in project.unread_ignore_files:
        finding = Finding.at(
            unread, f"no build reads this file: {unread.reason}", severity=None if unread.missed else "info"
        )
        yield finding.note(unread.other, unread.remark).caused_by(unread)
