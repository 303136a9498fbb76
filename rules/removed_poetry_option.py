"""What a build asks of Poetry, and its version does not know: any more, or not yet."""

import re
from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.poetry_options import (
    RemovedOption,
    TooOld,
    gone_installers,
    refused_manifests,
    unknown_groups,
)

# A version that has no `--only` yet.
OLD = r"(?i)poetry(?:_version)?[=~^@ \"'v]+1\.[01]\b"
INSTEAD = {"--no-dev": "main", "--dev-only": "dev", "--remove-untracked": ""}


def check(image: Image) -> Iterator[Finding]:
    for gone in gone_installers(image):
        message = f"`{gone.name}` is at this address no more: what is fetched is `404: Not Found`, and no installer"
        yield Finding.at(gone, message, help="fetch `https://install.python-poetry.org`, or `pip install poetry==…`")
    for old in refused_manifests(image):
        yield refused(old)
    for one in unknown_groups(image):
        names, many = ", ".join(f"`{name}`" for name in one.names), len(one.names) > 1
        message = f"`pyproject.toml` has no group{'s' if many else ''} {names}: `Group(s) not found`, the build stops"
        finding = Finding.at(one.option.word, message, help=f"leave {'them' if many else 'it'} out, or add the group")
        yield finding.note(one.origin, "this installs Poetry")
    for use in image.removed_poetry_options:
        finding = told(use)
        finding = finding.caused_by(use.run, use.kind, use.step.subcommand, use.option.name if use.option else "")
        yield finding.note(use.origin, "this installs Poetry") if use.major != 1 else finding


def refused(old: TooOld) -> Finding:
    """The finding on a Poetry that is too old for its manifest."""
    if old.what == "[project]":
        message = (
            f"the project is in `[project]`, and Poetry {old.version} reads `[tool.poetry]` alone: the build stops"
        )
    else:
        message = f"`{old.what}` is unknown to Poetry {old.version}, which refuses the whole manifest: the build stops"
    help_ = f"install Poetry {old.since} or later, the version that wrote the lock"
    finding = Finding.at(old.span, message, help=help_).note(old.origin, "this installs Poetry")
    return finding.note(old.key, f"this is known from {old.since} on")


def told(use: RemovedOption) -> Finding:
    """The finding on one use, with its fix."""
    words, certain = use.step.words, use.major is not None and use.major > 1
    if use.kind == "plugin":
        plugin = f"poetry-plugin-{use.step.subcommand}"
        message = f"`{words}` is no command of Poetry 2 without `{plugin}`: the build stops"
        command = use.step.command
        added = edits.shell.in_front(command, f"{use.step.program} self add {plugin} && ") if command else None
        finding = Finding.at(use, message, help=f"`poetry self add {plugin}` in front of it")
        change = added if command and not command.nesting else None
        return finding.fixed_by("install the plugin", change, safe=False, names="steps")
    sync = (edits.words.instead(use.step.action_span or use.span, "sync"), edits.words.without([use]))
    if use.kind == "sync" or use.option is None:
        message = "`poetry install --sync` is deprecated since Poetry 2: it is a command of its own, `poetry sync`"
        finding = Finding.at(use, message, severity="info", help="write `poetry sync`")
        return finding.fixed_by("write `poetry sync`", *sync, names="steps")
    name = use.option.name
    tail = "Poetry 2 has no such option: the build stops" if certain else "deprecated, and gone in Poetry 2"
    milder = "warning" if use.major is None else "info"  # what is held to version 1 goes on until somebody raises it
    finding, group = Finding.at(use, f"`{words} {name}`: {tail}"), INSTEAD[name]
    finding = finding if certain else finding._replace(severity=milder, once="file")
    if not group:
        finding = finding._replace(help="write `poetry sync`")
        return finding.fixed_by("write `poetry sync`", *sync, names="steps") if certain else finding
    finding = finding._replace(help=f"write `--only {group}`")
    if re.search(OLD, use.span.source.text):
        return finding
    changes = edits.words.instead(use, "--only"), edits.words.behind(use, group)
    # Poetry before 1.2 has no such option
    return finding.fixed_by(f"write `--only {group}`", *changes, safe=certain, names="steps")
