"""A program that is installed in a virtual environment, and started by a name that PATH does not resolve."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    found = container.off_path
    if found is None:
        return
    name, place = found.span.text.strip("\"'"), found.place
    if found.interpreter:
        message = f"`python` is the system's here: what is installed lies in `{place}`, which is not on `PATH`"
    else:
        message = f"`{name}` lies in `{place}/bin`, which is not on `PATH`: executable file not found"
    if not found.fixed:
        how = "install without an environment of its own (`POETRY_VIRTUALENVS_CREATE=false`, `pipenv install --system`)"
        yield Finding.at(found, message.replace("/bin`", "/…/bin`"), help=how).note(found.made, "installed here")
        return
    finding = Finding.at(found, message, help=f'add `ENV PATH="{place}/bin:$PATH"`').note(found.made, "installed here")
    start = container.start
    if start is not None and container.image is not None and start in container.image.stage.instructions:
        line = f'ENV PATH="{place}/bin:$PATH"\n'
        finding = finding.fixed_by("put the environment on `PATH`", Edit.before(start, line))
    yield finding
