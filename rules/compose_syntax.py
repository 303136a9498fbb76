"""What Compose refuses in a compose file, or in the model that it makes of several."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile, Deployment


def check(node: ComposeFile | Deployment) -> Iterator[Finding]:
    """Speaks of every problem of a file, and of what only shows once the files of a set are merged."""
    file = node.merged if isinstance(node, Deployment) and node.whole else node
    for problem in file.problems if isinstance(file, ComposeFile) else ():
        yield Finding.at(problem.span, problem.brief, help=f"expected {problem.expected}" if problem.expected else None)
