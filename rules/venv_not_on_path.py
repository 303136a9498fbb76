"""A program that is installed in a virtual environment, and started by a name that PATH does not resolve."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    found = container.off_path
    hidden = container.hidden_environment if found is not None else None
    if found is None or (hidden is not None and hidden.off_path):
        return  # `mount-hides-venv` speaks
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
    if container.image is not None and set(place).isdisjoint(" \"'$\\"):
        line = edits.dockerfile.before_start(container.image.stage, f'ENV PATH="{place}/bin:$PATH"')
        finding = finding.fixed_by("put the environment on `PATH`", line, names="environment:PATH")
    yield finding
