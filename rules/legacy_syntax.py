"""Outdated ways of writing a Dockerfile."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Dockerfile

MESSAGES = {
    "pair": "`{text}` has no `=`: the old form takes one name and the rest of the line, and is to be dropped",
    "swallow": "`{text}` has no `=`, so all that follows is its value: {lost} never set",
    "maintainer": "`MAINTAINER` is deprecated: a label says who looks after the image, and tools can read it",
    "as": "`{text}` is written in another case than its `FROM`",
    "case": "`{text}` is written in another case than most instructions here",
    "empty": "an empty line in the middle of an instruction: later versions of Docker will refuse it",
    "protocol": "the protocol in `{text}` has capitals: Docker wants small letters",
    "frontend": "`ENV {text}` stays in the image, and silences questions in every shell that somebody opens there",
    "platform": "`{text}` builds for this one architecture everywhere: elsewhere it runs emulated, or not at all",
}
HELP = {
    "swallow": "write `NAME=value` for the first as well",
    "empty": "remove the empty line, or make it a comment with `#`",
    "frontend": "use `ARG DEBIAN_FRONTEND=noninteractive`, or set it in the `RUN` that installs",
    "platform": "leave it to `docker build --platform`, or say in a comment why it must be so",
}
HABITS = ("as", "case", "protocol", "frontend")  # which change nothing about the image, or nothing that matters


def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Speaks of each form, of a habit once for the whole file, with what to write today."""
    for form, *more in dockerfile.legacy_forms:
        message = MESSAGES[form.kind].format(text=form.text, lost=_listed(form.swallowed))
        finding = Finding.at(
            form.span,
            message,
            severity=None if form.swallowed else "info",
            help=HELP.get(form.kind),
            pedantic=form.kind in HABITS,
            once="project",
        )
        for other in more:
            finding = finding.note(other.span, "here too" if other.text == form.text else f"`{other.text}`, too")
        changes = [Edit(one.span, one.modern) for one in (form, *more) if one.modern is not None]
        if form.kind == "empty":
            yield finding.fixed_by(
                "remove it", *(edits.dockerfile.without_blank_lines(dockerfile, one.span) for one in (form, *more))
            )
        else:
            yield finding.fixed_by("write the form of today", *changes, names=("here", "labels"))


def _listed(names: tuple[str, ...]) -> str:
    """`A` is, `A` and `B` are, `A` and 3 more are."""
    if len(names) > 2:
        return f"`{names[0]}` and {len(names) - 1} more are"
    return " and ".join(f"`{name}`" for name in names) + (" is" if len(names) == 1 else " are")
