"""What Compose refuses in a compose file, or in the model that it makes of several."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile, Project
from dockerlint_fastapi.model.evidence import is_test_data


def check(node: ComposeFile | Project) -> Iterator[Finding]:
    """Speaks of every problem of a file, and of what only shows once the files of a deployment are merged."""
    for problem in node.problems if isinstance(node, ComposeFile) else node.merge_problems:
        severity = "info" if is_test_data(problem.span.source.path) else None  # it may be broken on purpose
        yield Finding.at(problem.span, problem.brief, severity=severity, help=problem.remedy)
