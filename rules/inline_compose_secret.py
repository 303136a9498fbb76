"""A secret as a literal in a compose file."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.evidence import setting_of_path
from dockerlint_fastapi.model.secrets.inline_secrets import InlineSecret

SEVERITY = {"production": "error", "base": "warning"}


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of each literal, those alike once in a file. A developer's stand-ins are left to `pedantic`."""
    for secret in deployment.inline_secrets:
        setting = deployment.setting_of(secret.span.source)
        if setting == "base" and deployment.setting == "base" and deployment.development_of(secret.service):
            setting = "development"  # a service of its own profile or target
        work = setting == "development" or (setting == "base" and deployment.is_workbench)
        pedantic = work and secret.is_made_up
        finding = Finding.at(
            secret,
            f"{secret.what} is written into the file, so everyone who can read the repository knows it",
            severity=SEVERITY.get(setting, "info"),
            in_guide="info" if setting == "base" or pedantic else None,
            pedantic=pedantic,
            once="file",
        )
        if secret.variable:
            title = f"take `{secret.name}` from the environment"
            finding = finding.fixed_by(title, Edit(secret.span, secret.variable), safe=False)
        yield finding
    yield from _committed(deployment)


def _committed(deployment: Deployment) -> Iterator[Finding]:
    """What stands in env files that git does not ignore, once for each file; never its value."""
    files: dict[str, dict[object, InlineSecret]] = {}
    for secret in deployment.committed_secrets:
        if setting_of_path(secret.span.source.path) != "development":
            files.setdefault(secret.span.source.path, {}).setdefault(secret.span, secret)
    for path, found in files.items():
        first, *others = found.values()
        finding = Finding.at(
            first,
            f"{first.what} is in an env file that git does not ignore: everyone who can read the repository gets it",
            severity=SEVERITY[setting_of_path(path) or "base"],
            help=f"name `{path.rpartition('/')[2]}` in `.gitignore`, and replace what was committed",
        )
        for other in others:
            finding = finding.note(other.span, f"and {other.what}")
        yield finding.note(first.service, "this service gets it")
