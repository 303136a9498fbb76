"""An install that reads a lock file and may go beyond it."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.locks import LockUse

BEYOND = "`{}` resolves anew when `{}` is out of date, and ships versions that nobody tested"
PASSED_OVER = "`{} --skip-lock` passes over `{}`: versions of the day go in"
# pipenv, routines/install.py: `handle_outdated_lockfile` warns and goes on where the system's Python is installed into
AS_IT_IS = "`{}` installs from `{}` when that is out of date, too, and no more than warns"
OPTION = {"uv": "--locked", "pdm": "--check", "pipenv": "--deploy"}


def check(image: Image) -> Iterator[Finding]:
    """Speaks once for the steps of one file."""
    for use in image.lock_uses:
        step = use.installation.step
        if use.lock is None or use.held or use.fallback:
            continue
        option = OPTION[step.manager] if use.absent_member is None else "--frozen"
        skips, system = step.has("--skip-lock"), step.manager == "pipenv" and step.has("--system")
        yield (
            Finding.at(
                step.head,
                (PASSED_OVER if skips else AS_IT_IS if system else BEYOND).format(step.words, use.name),
                severity="info" if image.development or (system and not skips) else None,
                pedantic=bool(image.development),
                help=f"write `{option}` in place of `--skip-lock`" if skips else _how(use, option),
                once="file",
            )
            .note(use.lock.by, f"`{use.name}` comes in here")
            .fixed_by(
                f"add `{option}`",
                None if step.conditional or skips else edits.installs.with_option(step, option),
                safe=False,
                names="steps",
            )
        )


def _how(use: LockUse, option: str) -> str:
    if use.absent_member is None:
        return f"add `{option}`: the build then fails, and the lock file is brought up to date"
    return f"add `{option}`: `--locked` needs all members of the workspace, and `{use.absent_member}` is not there"
