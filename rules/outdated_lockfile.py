"""A lock file that has not what the manifest asks for."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.outdated_locks import OutdatedLock, outdated_locks

RENEW = {"uv.lock": "uv lock", "poetry.lock": "poetry lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}


def check(image: Image) -> Iterator[Finding]:
    for one in outdated_locks(image):
        step, use = one.use.installation.step, one.use
        renew = f"run `{RENEW[use.name]}` where you develop, and commit the file"
        finding = Finding.at(
            step.head,
            f"`{use.name}` {_what(one)}: `{step.words}` stops, and the build with it",
            help=renew if use.name != "poetry.lock" else f"{renew} (before Poetry 2: `poetry lock --no-update`)",
            once="project",
        )
        if use.lock is not None:
            finding = finding.note(use.lock.locate(0, 0), "this lock file is older than its manifest")
        yield finding.note(one.first.span, "asked for here")


def _what(one: OutdatedLock) -> str:
    """What does not fit: the first of it by name."""
    rest = len(one.missing) + len(one.refused) - 1
    more = f" (and {rest} more)" if rest > 0 else ""
    if one.missing:
        return f"has no `{one.first.name}`, which the manifest asks for{more}"
    return f"holds `{one.first.name}` {one.refused[0][1]}, and the manifest asks for `{one.first.specifier}`{more}"
