"""A credential that shows by its form what it is."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import ComposeFile, Dockerfile


def check(file: Dockerfile | ComposeFile) -> Iterator[Finding]:
    """Speaks of tokens anywhere in the file, and of passwords in URLs of a Dockerfile; never says what they are."""
    kind = "Dockerfile" if isinstance(file, Dockerfile) else "compose file"
    for credential in file.credentials:
        if credential.in_url:
            development = isinstance(file, Dockerfile) and file.development
            message = (
                "a URL with its password is written into the Dockerfile: everyone with the image or the code has it"
            )
            yield Finding.at(credential.span, message, severity="warning" if development else "error")
        else:
            yield Finding.at(
                credential.span, f"{credential.what} is written into the {kind}: take it out, and have it withdrawn"
            )
