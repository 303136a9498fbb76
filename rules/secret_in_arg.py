"""A secret as a build argument."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Deployment, Image
from dockerlint_fastapi.model.secrets.secret_arguments import SecretArgument

DELETE = "delete it: no step of the build needs it, and what runs gets it as a variable when it starts"
LOCKED = "make the account without a password: nobody has to log in to it"


def check(node: Image | Deployment) -> Iterator[Finding]:
    """Speaks of the ARG, and of a literal in a compose file's `build.args`."""
    if isinstance(node, Image):
        yield from _declared(node)
        return
    for literal in node.literal_arguments:
        setting = node.setting_at(literal.service, literal.variable.span.source)
        message = f"`{literal.variable.name}` is written into the file, and `docker history` of the image shows it"
        severity = {"production": "error", "base": "warning"}.get(setting, "info")
        finding = Finding.at(literal.variable.value_span, message, severity=severity)
        change = edits.build_secrets.of_host(literal.variable)
        yield finding.fixed_by("take it from the environment", change, safe=False, names="build")


def _declared(image: Image) -> Iterator[Finding]:
    for argument in image.secret_arguments:
        mounted = None
        if argument.kept is None and not argument.local:
            mounted = edits.build_secrets.mounted(image, argument.name)
        yield (
            _of_argument(argument, development=bool(image.development))
            .note(argument.kept, "this keeps it as a variable of the image")
            .note(argument.passed, "compose passes it here")
            .note(argument.given, "the workflow passes one of its secrets here")
            .note(argument.handed, "the address that is passed here has the password in it")
            .fixed_by(
                "mount it as a secret",
                mounted,
                safe=False,
                names=("steps", "arguments", "secrets", "build"),
                also=image.dockerfile.stages,
            )
        )


def _of_argument(argument: SecretArgument, *, development: bool) -> Finding:
    shipped = argument.shipped and not development
    if argument.literal:
        message = f"`{argument.name}` has its value written in the Dockerfile, and `docker history` shows it too"
        severity = "error" if shipped else "warning"
    else:
        message = f"`{argument.name}` is a build argument: `docker history` and attestations show what it was"
        severity = "warning" if shipped else "info"
    if argument.idle or argument.local or argument.given is not None or argument.handed is not None:
        severity = "info"
    # nothing gives a developer's image a value, as far as the project's files say
    unused = argument.idle or (development and argument.passed is None and not argument.literal)
    help_ = DELETE if argument.idle else LOCKED if argument.local else None
    return Finding.at(argument.pair, message, severity=severity, help=help_, pedantic=unused, once="file")
