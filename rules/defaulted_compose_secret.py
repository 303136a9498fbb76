"""A secret variable that nobody has to set."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.secrets.defaulted_secrets import DefaultedSecret


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of all defaults in a file; of those without one only in `pedantic`."""
    for secret in deployment.defaulted_secrets:
        setting = deployment.setting_at(secret.service, secret.span.source)
        if "development" not in (setting, deployment.setting):
            mild = not secret.default or secret.is_for_tests or secret.guards_nothing or deployment.is_for_developers
            yield from _of_each_place(secret, mild=mild)


def _of_each_place(secret: DefaultedSecret, *, mild: bool) -> Iterator[Finding]:
    name, default = secret.name, secret.default
    if default:
        text = f"`{name}` has a default: where nobody sets it, the secret is one that everybody knows"
    else:
        text = f"nothing makes sure that `{name}` is set: without it Compose starts with an empty one"
    guide = None if default and not mild else "warning" if default and not secret.is_for_tests else "info"
    for span in secret.spans:
        severity = "warning" if default and not (secret.is_for_tests or secret.guards_nothing) else "info"
        finding = Finding.at(span, text, severity=severity, in_guide=guide, pedantic=mild, once="value")
        edit = Edit(span, f"${{{name}:?set {name}}}") if span.text.startswith("$") else None
        yield finding.fixed_by("stop without it", edit, safe=not default, names="here")
