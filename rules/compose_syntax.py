"""What Compose refuses in a compose file, or in the model that it makes of several."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile, Project


def check(node: ComposeFile | Project) -> Iterator[Finding]:
    """Speaks of every problem of a file, and of what only shows once the files of a deployment are merged."""
    for problem in node.problems if isinstance(node, ComposeFile) else node.merge_problems:
        yield Finding.at(problem.span, problem.brief, help=problem.remedy)
