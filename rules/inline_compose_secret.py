"""A secret as a literal in a compose file."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.evidence import is_example, is_file_for_tests, is_in_deploy_folder, setting_of_path
from dockerlint_fastapi.model.project import production_sets
from dockerlint_fastapi.model.secrets import is_for_tests, is_published
from dockerlint_fastapi.model.secrets.defaulted_secrets import opens_elsewhere, opens_nothing
from dockerlint_fastapi.model.secrets.inline_secrets import InlineSecret

SEVERITY = {"production": "error", "base": "warning"}
EXAMPLE = "let `env_file` name `.env`, a copy of this example that git ignores, and leave a stand-in here"
OUT_OF_GIT = "take it out of git (`git rm --cached {}`), name it in `.gitignore`, and replace what was committed"
# The first login of a page for administrators.
DASHBOARDS = ("GF_SECURITY_ADMIN_PASSWORD", "PGADMIN_DEFAULT_PASSWORD", "ME_CONFIG_BASICAUTH_PASSWORD")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of each literal, those alike once in a file. A developer's stand-ins are left to `pedantic`."""
    for secret in deployment.inline_secrets:
        severity, pedantic, guide = _graded(deployment, secret)
        finding = Finding.at(
            secret,
            f"`{secret.holder}` holds a secret in plain text: everyone who can read the repository knows it",
            severity=severity,
            in_guide=guide,
            pedantic=pedantic,
            once="value",
        )
        yield _moved_out(deployment, secret, finding)
    yield from _filled(deployment)
    yield from _committed(deployment)


def _moved_out(deployment: Deployment, secret: InlineSecret, finding: Finding) -> Finding:
    """The finding with what says the same, and the fix where nothing else has to change with it."""
    variable = deployment.agreement.variable_of(secret.span)
    sides = deployment.agreement.other_sides(secret.literal, variable)
    for span in deployment.agreement.repeated(secret):
        finding = finding.note(span, "this has it as its default")
    for side in sides:
        finding = finding.note(side.span, side.note)
    change = None if sides else edits.secrets.from_environment(deployment, secret.literal, variable)
    return finding.fixed_by(
        "take it from the environment",
        change,
        safe=False,
        reveals=deployment.is_filled(variable),  # which is told of then
        names=("here", "environment", "command"),
        also=[one.span for one in change or ()],
    )


def _filled(deployment: Deployment) -> Iterator[Finding]:
    """What Compose takes from a committed `.env`, graded as a literal in its place; never its value."""
    for secret in deployment.filled_secrets:
        severity, pedantic, guide = _graded(deployment, secret)
        made = secret.filled
        if made is None:
            continue
        yield Finding.at(
            secret,
            f"`{secret.holder}` is filled from a `.env` that git does not ignore: "
            "everyone who can read the repository knows it",
            severity=severity,
            in_guide=guide,
            pedantic=pedantic,
            help=OUT_OF_GIT.format(made.span.source.path.rpartition("/")[2]),
            once="file",
        ).note(made.name_span, "it stands here")


def _graded(deployment: Deployment, secret: InlineSecret) -> tuple[str, bool, str | None]:
    """The severity of a literal, whether it is left to `pedantic`, and its severity in the guide's profile."""
    setting = deployment.setting_at(secret.service, secret.span.source)
    if secret.is_issued:
        return SEVERITY.get(setting, "warning"), False, None
    work = setting == "development" or (setting == "base" and deployment.is_for_developers_of(secret.service))
    # Code that is mounted and that nothing watches may be how it is served, beside what is kept up, or everywhere.
    weak = deployment.development is not None and deployment.development.weak
    # A stand-in of a developer's or a test's account, and the first login of a page on the developer's own machine.
    tests = (is_for_tests(secret.holder) or secret.guards_a_test) and secret.is_made_up
    # In a file that is named for tests: what is started there alone, not an account with somebody else.
    tests = tests or (is_file_for_tests(secret.span.source.path) and not opens_elsewhere(secret.holder))
    login = secret.holder in DASHBOARDS and secret.is_made_up and not _has_production(deployment)
    login = login and not deployment.agreement.opens_a_server(secret.literal)
    blank = opens_nothing(deployment, secret.name or "", secret.literal) or secret.is_for_a_service_beside(deployment)
    pedantic = tests or login or blank or (work and secret.is_made_up and not weak)
    idle = secret.is_idle(deployment.project) or secret.is_switched_off or secret.is_to_be_filled_in
    idle = idle or (work and (is_published(secret.literal) or (weak and secret.is_made_up)))
    severity = "info" if tests or login or idle or blank else SEVERITY.get(setting, "info")
    if severity == "error" and not deployment.is_swarm and is_in_deploy_folder(secret.span.source.path):
        severity = "warning"  # such a folder holds files for work on the project, too
    return severity, pedantic, "info" if setting == "base" or pedantic else None


def _setting_of_users(deployment: Deployment, secret: InlineSecret) -> str | None:
    """`development` where every service that takes an env file is certainly for that, and what the secret opens is
    theirs: an account with somebody else is open to all who read the file, whoever it was for.
    """
    source = secret.span.source
    users = [
        one
        for one in deployment.merged.services.values()
        if any(use.file is not None and use.file.source is source for use in deployment.env_files_of(one))
    ]
    reasons = [deployment.development_of(one) for one in users]
    certain = all(one is not None and one.firm for one in reasons)
    return "development" if certain and not opens_elsewhere(secret.holder) else None


def _has_production(deployment: Deployment) -> bool:
    """Whether any set of compose files of the project is for production by its names."""
    return deployment.project is not None and bool(deployment.project.index.gathered(production_sets))


def _committed(deployment: Deployment) -> Iterator[Finding]:
    """What stands in env files that git does not ignore, once for each file; never its value."""
    for secret in deployment.committed_secrets:
        path = secret.span.source.path
        setting = setting_of_path(path)
        if setting == "development" and not secret.is_issued and _has_production(deployment):
            continue  # another set is for all but development
        example = is_example(path)
        if example and deployment.repeats_default(secret):
            continue  # `secret-default-in-settings` tells of the same value where the code has it
        setting = setting or _setting_of_users(deployment, secret)
        kept = secret.service.is_kept_up and deployment.development is None
        if setting == "development" and (kept or secret.is_issued):
            setting = "base"  # whatever its name, it is what the project has, and is kept up; or opens something else
        yield Finding.at(
            secret,
            f"`{secret.holder}` is in an env file that git does not ignore: "
            "everyone who can read the repository gets it",
            severity=SEVERITY.get(setting or "base", "info"),
            help=EXAMPLE if example else OUT_OF_GIT.format(path.rpartition("/")[2]),
            once="file",
        ).note(secret.service, "this service gets it")
