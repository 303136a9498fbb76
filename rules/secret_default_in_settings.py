"""A secret that stands in the application's code as a default."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container, Project
from dockerlint_fastapi.model.environment.settings_class import SecretDefault


def check(project: Project) -> Iterator[Finding]:
    """Speaks once in a project of all that stands in the code; never repeats it."""
    found: dict[object, tuple[SecretDefault, Container]] = {}
    for container in project.own.containers:
        work = container.development is not None and container.development.firm
        for secret in (*container.secret_defaults, *container.start_secrets):  # the same wherever it runs
            told = secret.looks_real if work else not secret.is_unused(project)
            if container.image is not None and secret.is_replaced(container.image.environment):
                continue  # ENV says something else wherever this image runs
            if told and not secret.opens_nothing:
                found.setdefault(secret.span, (secret, container))
    for secret, container in found.values():
        if secret.is_read(project, container.image):
            mild = secret.fills_in or secret.is_idle(project) or secret.is_handed_out(project)
            yield _finding(secret, mild=mild).note(container.start_span, "the container starts with this")


def _finding(secret: SecretDefault, *, mild: bool) -> Finding:
    help_ = None
    if secret.kind == "constant":
        address = secret.address_name
        asked = f'os.environ["{address or ("SECRET_KEY" if secret.name == "key" else secret.name.upper())}"]'
        help_ = f"read it from the environment (`{asked}`, or a required field of the settings), and change it"
        where = "the code" if secret.span.source.path.endswith(".py") else "a file that the code reads"
        message = f"`{secret.name}` is a literal in {where}: everybody who reads the code or has the image knows it"
    elif secret.kind == "token":
        help_ = "take it out, read it from the environment, and have it withdrawn"
        message = f"{secret.name} is written into the code: everybody who reads the code or has the image can use it"
    elif secret.kind == "flag":
        help_ = "take it from a variable that is set when the container starts"
        message = f"what stands behind `{secret.name}` is known to everybody who reads the code or has the image"
    elif secret.kind == "url":
        message = f"`{secret.name}` has an address with a password as its default: whoever reads the code knows it"
    elif secret.kind == "empty":
        message = (
            f"`{secret.name}` is empty where nothing sets it, and signs all the same: anybody can make such tokens"
        )
    else:
        message = f"`{secret.name}` has a default in the code: where nothing sets it, everybody knows it"
    return Finding.at(
        secret.span, message, severity="info" if mild else None, help=help_, once="project", first=secret.signs
    )
