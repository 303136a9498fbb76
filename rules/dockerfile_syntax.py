"""What Docker refuses in a Dockerfile."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Dockerfile


def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Speaks of every problem: one bad instruction hides none of the others."""
    for problem in dockerfile.problems:
        yield Finding.at(problem.span, problem.brief, help=problem.remedy)
