"""A lock file of the project that the build installs without."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image

# What holds an installer to its lock file.
OPTION = {"uv": "--locked", "pdm": "--check", "pipenv": "--deploy"}


def check(image: Image) -> Iterator[Finding]:
    for use in image.lock_uses:
        step, lock = use.installation.step, use.left_out
        if lock is None:
            continue
        severity = "info" if image.development else None
        if use.typed is not None:
            message = f"`{step.words}` installs what is typed here beside `{use.name}`: the two drift apart"
            finding = Finding.at(use.typed, message, severity=severity, pedantic=bool(image.development))
        elif use.instead is not None:
            message = f"`{step.words}` installs requirements kept by hand beside `{use.name}`: the two drift apart"
            finding = Finding.at(
                step.head,
                message,
                severity=severity,
                pedantic=bool(image.development),
                help="export the requirements from the lock file",
            )
            finding = finding.note(use.instead.locate(0, 0), "these requirements, not all with an exact version")
        else:
            message = f"`{step.words}` finds no `{use.name}`, although the project has one: versions of the day go in"
            finding = Finding.at(step.head, message, severity=severity, pedantic=bool(image.development))
            option = None if use.held else OPTION.get(step.manager)
            both = edits.installs.lock_copied_too(image, use, option)
            finding = finding.fixed_by(
                f"copy `{use.name}` too", both, safe=False, reveals=True, names=("files", "steps", "sent files")
            )
        yield finding.note(lock.span(0, 0), "the lock file that the build does without")
