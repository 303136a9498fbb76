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
PYTHON = "begin with an image of Python, such as `python:3.12-slim`"
# What people write into their requirements to get a distribution.
EXTRAS = {"fastapi-cli": "fastapi[standard]", "opentelemetry-instrumentation": "opentelemetry-distro"}


def check(container: Container) -> Iterator[Finding]:
    """Speaks of what stands in the command or the environment, and points at the last step that installs something."""
    step = container.image.absent_pip if container.image is not None else None
    if step is not None:
        message = f"`{step.program}` is not installed: the base image has no Python, and the build stops here"
        yield Finding.at(step.head, message, help=PYTHON, once="file")
        return
    first: Finding | None = None
    added: list[str] = []
    for one in container.lacking:
        names = " or ".join(f"`{EXTRAS.get(name, name)}`" for name in one.names[:2])  # the usual ones come first
        lacks = "is not installed" if one.what == names else f"needs {names}, which nothing installs"
        added.append(names)
        if first is not None:  # the same fault: the start has come to its end by then
            first = first.note(one.span, f"{one.what} {lacks} either")._replace(help=_help(added))
            continue
        message = f"{one.what} {lacks}: {ENDS[one.kind]}"
        first = Finding.at(one.span, message, severity=None if one.certain else "warning", help=_help(added)).note(
            one.step.step.head, "what the image has installed ends with this step"
        )
        first = first.caused_by(one.step.step.head)
    if first is not None:
        yield first


def _help(names: list[str]) -> str:
    return f"add {' and '.join(names)} to what is installed"
