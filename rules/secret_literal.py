"""A credential that shows by its form what it is."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile, Dockerfile

STAND_IN = "pass the URL when the container starts, and give what ships a password of its own"


def check(file: Dockerfile | ComposeFile) -> Iterator[Finding]:
    """Speaks of tokens anywhere in the file, and of passwords in URLs of a Dockerfile; never says what they are."""
    kind = "Dockerfile" if isinstance(file, Dockerfile) else "compose file"
    for credential in file.credentials:
        if credential.in_url:
            mild = credential.made_up or (isinstance(file, Dockerfile) and file.development)
            message = (
                "a URL with its password is written into the Dockerfile: everyone with the image or the code has it"
            )
            help_ = STAND_IN if credential.made_up else None
            yield Finding.at(credential.span, message, severity="warning" if mild else "error", help=help_)
        else:
            yield Finding.at(
                credential.span, f"{credential.what} is written into the {kind}: take it out, and have it withdrawn"
            )
