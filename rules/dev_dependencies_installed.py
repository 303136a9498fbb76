"""Test runners, linters and type checkers in an image that serves."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    for one in image.development_installs:
        step = one.installation.step
        rest = len(one.tools) - 2
        tools = ", ".join(f"`{name}`" for name in one.tools[:2]) + (f" and {rest} more" if rest > 0 else "")
        groups = f"{one.kind}{'s' if len(one.groups) > 1 else ''} " + ", ".join(f"`{name}`" for name in one.groups)
        finding = Finding.at(
            step.head,
            f"`{step.words}` takes the {groups}{' by default' if one.implied else ''}: the server ships with {tools}: "
            "more to pull, to scan and to attack",
            severity="info" if one.inside is not None or one.shared or image.is_unclaimed else None,
            pedantic=one.inside is not None or one.unshipped,
            once="project",
        ).note(one.where, "asked for here, for development")
        for again in one.again:
            finding = finding.note(again.step.head, "and installed again here")
        if one.inside is not None:
            finding = finding.note(one.inside, "the project itself runs such a tool in a container here")
        added = edits.installs.without_groups(step.manager, one.groups) if one.implied else None
        changes = [edits.installs.with_option(each.step, added or "") for each in (one.installation, *one.again)]
        yield finding.fixed_by(f"add `{added}`", *(changes if added else [None]), safe=False, names="steps")
