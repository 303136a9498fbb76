"""Files that the build needs and the ignore file leaves out."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    """Speaks of what a COPY, ADD or mount names, and of what is read by name from a directory that is copied."""
    for build in image.builds:
        if build.ignore is None or not build.certain:
            continue
        name = build.ignore.source.path
        for passage in image.passages:
            pattern = build.unsent(passage)
            if pattern is None:
                continue
            result = "nothing is copied" if passage.glob is not None else "the build stops here"
            finding = Finding.at(
                passage.span,
                f"`{passage.source}` is left out by `{name}`: {result}",
                severity="warning" if passage.glob is not None else None,
                first=not image.development,
            ).note(pattern, "this pattern leaves it out")
            finding = finding.caused_by(pattern, passage.source)  # whichever Dockerfile needs it
            back = edits.ignore_file.back_in(pattern, passage.source or "")
            yield finding.fixed_by(
                f"take `{passage.source}` back in", back, reveals=True, names=("sent files", "command", "server")
            )
        for lost in build.lost_files:
            message = f"`{lost.path}` is left out by `{name}`, but {lost.need.message}"
            finding = Finding.at(lost.need.span, message, first=not image.development)
            finding = finding.note(lost.pattern, "this pattern leaves it out").caused_by(lost.pattern, lost.path)
            back = edits.ignore_file.back_in(lost.pattern, lost.path)
            yield finding.fixed_by(
                f"take `{lost.path}` back in", back, reveals=True, names=("sent files", "command", "server")
            )
