"""Files that the build needs and the ignore file leaves out."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.ignore_file import Pattern


def check(image: Image) -> Iterator[Finding]:
    """Speaks of what a COPY, ADD or mount names, and of what is read by name from a directory that is copied."""
    for build in image.builds:
        if build.ignore is None or not build.certain:
            continue
        name = build.ignore.source.path
        for passage in image.passages:
            pattern = build.unsent(passage)
            if pattern is not None:
                result = "nothing is copied" if passage.glob is not None else "the build stops here"
                message = f"`{passage.source}` is left out by `{name}`: {result}"
                severity = "warning" if passage.glob is not None else None
                finding = Finding.at(passage.span, message, severity=severity, first=not image.development)
                yield _taking_back(finding, pattern, passage.source or "")
        for lost in build.lost_files:
            message = f"`{lost.path}` is left out by `{name}`, but {lost.need.message}"
            finding = Finding.at(lost.need.span, message, first=not image.development)
            yield _taking_back(finding, lost.pattern, lost.path)


def _taking_back(finding: Finding, pattern: "Pattern | None", path: str) -> Finding:
    """The finding with the pattern at fault, and what takes the path back in."""
    finding = finding.note(pattern, "this pattern leaves it out")
    finding = finding.caused_by(pattern, path)  # whichever Dockerfile needs it
    back = edits.ignore_file.back_in(pattern, path)
    return finding.fixed_by(f"take `{path}` back in", back, reveals=True, names=("sent files", "command", "server"))
