from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Dockerfile


def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    for problem in dockerfile.problems:
        yield Finding.at(problem.span, problem.message, help=problem.expected or None)
