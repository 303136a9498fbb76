"""A secret variable that nobody has to set."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.secrets.defaulted_secrets import DefaultedSecret, default_in


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of all defaults in a file, but for those of which `inline-compose-secret` speaks with the same secret
    as a literal; of variables without one only in `pedantic`.
    """
    for secret in deployment.defaulted_secrets:
        setting = deployment.setting_at(secret.service, secret.span.source)
        if "development" not in (setting, deployment.setting):
            work = deployment.is_for_developers_of(secret.service)
            mild = work or not secret.default or secret.is_for_tests or secret.guards_nothing
            yield from _of_each_place(deployment, secret, mild=mild)


def _of_each_place(deployment: Deployment, secret: DefaultedSecret, *, mild: bool) -> Iterator[Finding]:
    name, default = secret.name, secret.default
    if default:
        text = f"`{name}` has a default: where nobody sets it, the secret is one that everybody knows"
    else:
        text = f"nothing makes sure that `{name}` is set: without it Compose starts with an empty one"
    quiet = secret.is_for_tests or secret.unread
    guide = None if default and not (mild or secret.unread) else "warning" if default and not quiet else "info"
    for span in secret.spans:
        if default and span in deployment.agreement.repeating:
            continue
        severity = "warning" if default and not (quiet or secret.guards_nothing) else "info"
        finding = Finding.at(span, text, severity=severity, in_guide=guide, pedantic=mild, once="value")
        if not default:
            edit = Edit(span, f"${{{name}:?set {name}}}") if span.text.startswith("$") else None
            yield finding.fixed_by("stop without it", edit, names="here")
            continue
        literal = default_in(span)
        variable = deployment.agreement.variable_of(span)
        sides = deployment.agreement.other_sides(literal, variable)
        for side in sides:
            finding = finding.note(side.span, side.note)
        change = None if sides else edits.secrets.from_environment(deployment, literal, variable)
        places = [one.span for one in change or ()]
        names = ("here", "environment", "command")
        yield finding.fixed_by("stop without it", change, safe=False, names=names, also=places)
