"""A secret variable that nobody has to set."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.secrets.defaulted_secrets import DefaultedSecret


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks once of all defaults in a file; of those without one only in `pedantic`."""
    groups: dict[tuple[str, bool], list[DefaultedSecret]] = {}
    for secret in deployment.defaulted_secrets:
        setting = deployment.setting_of(secret.span.source)
        if "development" not in (setting, deployment.setting) and not deployment.development_of(secret.service):
            groups.setdefault((secret.span.source.path, secret.default), []).append(secret)
    for (_, default), secrets in groups.items():
        first = secrets[0]
        often = f", {first.times} times in this file" if first.times > 1 else ""
        if default:
            text = f"`{first.name}` has a default{often}: where nobody sets it, the secret is one that everybody knows"
        else:
            text = f"nothing makes sure that `{first.name}` is set{often}: without it Compose starts with an empty one"
        mild = not default or deployment.is_workbench
        guide = None if default and not mild else "warning" if default else "info"
        finding = Finding.at(first.span, text, severity="warning" if default else "info", in_guide=guide, pedantic=mild)
        for other in secrets[1:]:
            finding = finding.note(other.span, f"so has `{other.name}`" if default else f"nor that `{other.name}` is")
        places = {span: one.name for one in secrets for span in one.spans if span.text.startswith("$")}
        edits = [Edit(span, f"${{{name}:?set {name}}}") for span, name in places.items()]
        yield finding.fixed_by("stop without it", *edits, safe=not default) if edits else finding
