"""A secret as a literal in a compose file."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of each literal, graded by what the file in which it stands is for."""
    for secret in deployment.inline_secrets:
        setting = deployment.setting_of(secret.span.source)
        if setting == "base" and deployment.setting == "base" and deployment.development_of(secret.service):
            setting = "development"  # a service of its own profile or target
        finding = Finding.at(
            secret,
            f"{secret.what} is written into the file, so everyone who can read the repository knows it",
            severity={"production": "error", "base": "warning"}.get(setting, "info"),
            in_guide="info" if setting == "base" else None,
        )
        if secret.variable:
            title = f"take `{secret.name}` from the environment"
            finding = finding.fixed_by(title, Edit(secret.span, secret.variable), safe=False)
        yield finding
