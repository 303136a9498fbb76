"""A health check's test that is not what its author meant."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import ComposeFile, Healthcheck

MESSAGES = {
    "form": "the list begins with `{}` in place of `CMD` or `CMD-SHELL`: Compose refuses to start anything",
    "one-word": "without a shell this is one program, called `{}`: there is none, and the check never passes",
    "operator": "`{}` is an argument here, as no shell reads it: the check does something else than it says",
    "words": "of this list the shell runs `{}` alone: the words behind it are not part of the script",
    "disabled": "`{}` switches the check off, so this test is never run",
}


def check(node: Healthcheck | ComposeFile) -> Iterator[Finding]:
    """Speaks of the word."""
    for fault in node.test_faults:
        text = fault.text if len(fault.text) <= 40 else f"{fault.text[:37]}..."
        severity = "warning" if fault.kind == "disabled" or fault.works or fault.passes else None
        finding = Finding.at(fault.span, MESSAGES[fault.kind].format(text), severity=severity)
        yield finding.fixed_by(
            "write what was meant", edits.tests.meant(node, fault), reveals=True, names="health check"
        )
