"""A start command that cannot start the server."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.start.start_faults import is_folded

MESSAGES = {
    "none": "nothing says what to start: the container runs the base image's `{}` and ends at once",
    "twice": "`{}` is named by the entrypoint already: it gets its own name as its first argument, and stops",
    "options": "`{}` is taken for the program, as there is no `ENTRYPOINT`: the container cannot start",
    "python": "the image's entrypoint is Python, which looks for a file `{}`: the container cannot start",
    "apart": "the shell takes `{}` for a command of its own: the line above ends there, and `{}` never gets the option",
    "dropped": "an `entrypoint` here drops the image's `CMD`: `{}` has nothing to run, and the container ends",
}
NOTES = {
    "none": "the image is built without `CMD` and `ENTRYPOINT`",
    "twice": "the entrypoint",
    "python": "the entrypoint comes with this image",
    "apart": "this command ends here",
    "dropped": "this is not used",
}


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the word that is wrong, or of what has no command."""
    fault = container.start_fault
    if fault is None:
        return
    finding = Finding.at(fault.span, MESSAGES[fault.kind].format(fault.text, fault.other))
    finding = finding.note(fault.note, NOTES[fault.kind]) if fault.kind in NOTES else finding
    if fault.kind == "apart":
        folded = is_folded(fault.span)
        help_ = "indent the lines of `>` alike, or end them with `\\`" if folded else "end the line above with `\\`"
        finding = finding._replace(help=help_)
    change = edits.words.without_first(fault.span) if fault.kind == "twice" else None
    yield finding.fixed_by("name it once", change, reveals=True, names=("command", "server"))
