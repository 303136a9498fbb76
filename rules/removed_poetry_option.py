"""What a build asks of Poetry, and version 2 does not know any more."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.poetry_options import RemovedOption

INSTEAD = {"--no-dev": "--only main", "--dev-only": "--only dev", "--remove-untracked": ""}


def check(image: Image) -> Iterator[Finding]:
    for use in image.removed_poetry_options:
        finding = told(use)
        yield finding.note(use.origin, "this installs Poetry") if use.major != 1 else finding


def told(use: RemovedOption) -> Finding:
    """The finding on one use."""
    if use.kind == "plugin":
        words = use.step.words
        message = f"`{words}` is no command of Poetry 2 without `poetry-plugin-{use.step.subcommand}`: the build stops"
        return Finding.at(use, message, help=f"`poetry self add poetry-plugin-{use.step.subcommand}` in front of it")
    if use.kind == "sync" or use.option is None:
        message = "`poetry install --sync` is deprecated since Poetry 2: it is a command of its own, `poetry sync`"
        return Finding.at(use, message, severity="info", help="write `poetry sync`")
    name = use.option.name
    certain = use.major is not None and use.major > 1
    tail = "Poetry 2 has no such option: the build stops" if certain else "deprecated, and gone in Poetry 2"
    finding = Finding.at(use, f"`{use.step.words} {name}`: {tail}", severity=None if certain else "warning")
    instead = INSTEAD[name]
    if not instead:
        return finding._replace(help="write `poetry sync`")
    finding = finding._replace(help=f"write `{instead}`")
    return finding.fixed_by(f"write `{instead}`", Edit(use.span, instead))
