"""What Docker refuses in a Dockerfile."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Dockerfile


def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Speaks of every problem: one bad instruction hides none of the others. A file of nothing but comments is mostly
    kept for later, and breaks no build that anybody runs; one that nothing names is left over.
    """
    text = dockerfile.source.text
    empty = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    for problem in dockerfile.problems:
        # what is near no instruction is mostly one text that has strayed into the file
        stray = problem.message.startswith("unknown instruction") and problem.expected.startswith("an instruction")
        yield Finding.at(
            problem.span,
            problem.brief,
            # one that cannot be read looks empty too; nothing is expected of it
            severity=("info" if dockerfile.left_over else "warning") if empty and problem.expected else None,
            help=problem.remedy,
            once="file" if stray else None,
        )
