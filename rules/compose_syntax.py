from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile


def check(file: ComposeFile) -> Iterator[Finding]:
    for problem in file.problems:
        yield Finding.at(problem.span, problem.message, help=problem.expected or None)
