"""A lock file of the project that the build installs without."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.locks import LockUse, is_made_good

# What holds an installer to its lock file.
OPTION = {"uv": "--locked", "pdm": "--check", "pipenv": "--deploy"}

# What installs from each.
INSTEAD = {
    "uv.lock": "uv sync --locked",
    "poetry.lock": "poetry install",
    "pdm.lock": "pdm sync",
    "conda-lock.yml": "conda-lock install",
    "conda-linux-64.lock": "conda create --file conda-linux-64.lock",
    "conda-linux-aarch64.lock": "conda create --file conda-linux-aarch64.lock",
}


def check(image: Image) -> Iterator[Finding]:
    for use in image.lock_uses:
        if use.left_out is None or _is_told(image, use.name) or is_made_good(image, use):
            continue
        step = use.installation.step
        stale = use.unlocked
        severity = "info" if image.development or image.is_unclaimed or stale else None
        finding = Finding.at(
            use.typed if use.typed is not None else step.head,
            f"`{step.words}` {_what(use)}",
            severity=severity,
            pedantic=bool(image.development),
            help=_how(use) if stale is None else f"`{use.name}` has no `{stale}`: renew it or delete it",
            once="file" if use.typed is None else None,
        )
        if use.instead is not None:
            finding = finding.note(use.instead.locate(0, 0), "these requirements, not all with an exact version")
        if use.typed is None and use.instead is None and not use.from_manifest and not use.made:
            option = None if use.held else OPTION.get(step.manager)
            both = edits.installs.lock_copied_too(image, use, option)
            finding = finding.fixed_by(
                f"copy `{use.name}` too", both, safe=False, reveals=True, names=("files", "steps", "sent files")
            )
        yield finding.note(use.left_out.span(0, 0), "the lock file that the build does without")


def _is_told(image: Image, name: str) -> bool:
    """Whether a COPY names the lock file, and the ignore file leaves it out: `ignored-needed-file` tells that."""
    named = [one for one in image.passages if (one.source or "").rstrip("*").endswith(name)]
    return any(build.certain and build.unsent(one) is not None for build in image.builds for one in named)


def _what(use: LockUse) -> str:
    if use.typed is not None:
        return f"installs what is typed here beside `{use.name}`: the two drift apart"
    if use.instead is not None:
        return f"installs requirements kept by hand beside `{use.name}`: the two drift apart"
    if use.from_manifest:
        manifest = "the environment file" if use.installation.step.manager == "conda" else "`pyproject.toml`"
        return f"reads {manifest} and not `{use.name}`: versions of the day go in"
    if use.made:
        return f"makes a `{use.name}` in the build, although the project has one: versions of the day go in"
    return f"finds no `{use.name}`, although the project has one: versions of the day go in"


def _how(use: LockUse) -> str | None:
    if use.made:
        lone = use.installation.step.action == "lock"
        return f"copy `{use.name}` too" + (f", and leave `{use.installation.step.words}` out" if lone else "")
    if use.from_manifest:
        exported = "" if use.name.startswith("conda") else ", or install what it exports"
        return f"`{INSTEAD[use.name]}`{exported}"
    return "export the requirements from the lock file" if use.instead is not None else None
