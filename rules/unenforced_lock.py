"""An install that reads a lock file and may go beyond it."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image

OPTION = {"uv": "--locked", "pdm": "--check", "pipenv": "--deploy"}


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for the steps of one file."""
    for use in image.lock_uses:
        step = use.installation.step
        if use.lock is None or use.held or use.fallback:
            continue
        absent = use.absent_member
        option = OPTION[step.manager] if absent is None else "--frozen"
        why = (
            "the build then fails, and the lock file is brought up to date"
            if absent is None
            else f"`--locked` needs all members of the workspace, and `{absent}` is not there"
        )
        yield (
            Finding.at(
                step.head,
                f"`{step.words}` resolves anew when `{use.name}` is out of date, and ships versions that nobody tested",
                severity="info" if image.development else None,
                pedantic=bool(image.development),
                help=f"add `{option}`: {why}",
                once="file",
            )
            .note(use.lock.by, f"`{use.name}` comes in here")
            .fixed_by(
                f"add `{option}`",
                None if step.conditional else edits.installs.with_option(step, option),
                safe=False,
                names="steps",
            )
        )
