"""A secret variable that nobody has to set."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of the reference, once for each variable of a file."""
    for secret in deployment.defaulted_secrets:
        setting = deployment.setting_of(secret.span.source)
        if setting == "development" or deployment.setting == "development":
            continue
        if deployment.development_of(secret.service):
            continue
        often = f", {secret.times} times in this file" if secret.times > 1 else ""
        if secret.default:
            message = (
                f"`{secret.name}` has a default{often}: where nobody sets it, the secret is one that everybody knows"
            )
        else:
            message = (
                f"nothing makes sure that `{secret.name}` is set{often}: without it Compose starts with an empty one"
            )
        finding = Finding.at(secret.span, message, severity="warning" if secret.default else "info")
        if secret.span.text.startswith("$"):
            text = f"${{{secret.name}:?set {secret.name}}}"
            finding = finding.fixed_by("stop without it", Edit(secret.span, text), safe=not secret.default)
        yield finding
