from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    for secret in deployment.inline_secrets:
        setting = deployment.setting_of(secret.span.source)
        yield Finding.at(
            secret,
            f"the {secret.what} is written into the file, where everyone who can read the repository can read it",
            severity={"production": "error", "base": "warning"}.get(setting, "info"),
            in_guide="info" if setting == "base" else None,
        )
