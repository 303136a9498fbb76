"""What Docker refuses in a Dockerfile."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.instructions.stray_documents import StrayDocument


def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Speaks of every problem: one bad instruction hides none of the others. A file of nothing but comments is mostly
    kept for later, and breaks no build that anybody runs; one that nothing names is left over.
    """
    text = dockerfile.source.text
    empty = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    mild = "info" if dockerfile.problems and dockerfile.is_test_data else None  # it may be wrong on purpose
    strays = dockerfile.stray_documents
    for stray in strays:
        yield _of_document(dockerfile, stray)
    for problem in dockerfile.problems:
        if any(stray.holds(problem.span) for stray in strays):
            continue
        # what is near no instruction is mostly one text that has strayed into the file
        other = problem.message.startswith("unknown instruction") and problem.expected.startswith("an instruction")
        yield Finding.at(
            problem.span,
            problem.brief,
            # one that cannot be read looks empty too; nothing is expected of it
            severity=("info" if dockerfile.left_over else "warning") if empty and problem.expected else mild,
            help=problem.remedy,
            once="file" if other else None,
        )


def _of_document(dockerfile: Dockerfile, stray: "StrayDocument") -> Finding:
    """What to say of a here-document that is none: Docker stops at its first line."""
    opening = f"`{stray.span.text}`"
    message = f"`{stray.keyword}` takes no here-document: Docker reads what stands below {opening} as instructions"
    first = next((one for one in dockerfile.problems if stray.holds(one.span)), None)
    help_ = "put it into a file that is copied, or into one line; only `RUN`, `COPY` and `ADD` take a here-document"
    return Finding.at(stray.span, message, help=help_).note(first.span if first else None, "the build stops here")
