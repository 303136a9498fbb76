"""A command, a worker class or a database driver whose distribution the image does not have."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container

ENDS = {
    "program": "the container ends as soon as it starts",
    "call": "it ends with `ModuleNotFoundError`",
    "import": "the application ends with `ModuleNotFoundError`",
    "worker": "gunicorn cannot load it and exits",
    "option": "the server exits with an import error",
    "driver": "SQLAlchemy fails with `ModuleNotFoundError` when it opens the database",
}
# What people write into their requirements to get a distribution.
EXTRAS = {"fastapi-cli": "fastapi[standard]", "opentelemetry-instrumentation": "opentelemetry-distro"}


def check(container: Container) -> Iterator[Finding]:
    """Speaks of what stands in the command or the environment, and points at the last step that installs something."""
    for one in container.lacking:
        names = " or ".join(f"`{EXTRAS.get(name, name)}`" for name in one.names[:2])  # the usual ones come first
        lacks = "is not installed" if one.what == names else f"needs {names}, which nothing installs"
        message = f"{one.what} {lacks}: {ENDS[one.kind]}"
        yield (
            Finding.at(
                one.span,
                message,
                severity=None if one.certain else "warning",
                help=f"add {names} to what is installed",
            ).note(one.step.step.head, "what the image has installed ends with this step")
        )
