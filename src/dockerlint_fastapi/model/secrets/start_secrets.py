"""Secrets behind the flags of what a container starts by its image: `CMD ["flower", "--basic-auth=admin:admin"]`, and
the same in a start script. Those of a compose file's `command` are told of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.model.secrets.inline_secrets import secrets_in_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Argument
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.shell import ShellWord


def start_secrets(container: Container) -> Iterator[SecretDefault]:
    """The literal secrets of a container's programs that stand in a Dockerfile or in a script of the project."""
    commands: list[Sequence[Argument | ShellWord]] = [one.argv for one in container.programs]
    commands += [one.arguments for script in container.scripts for one in script.script.commands]
    files = {file.source.path for file in container.deployment.files} if container.deployment is not None else set()
    for arguments in commands:
        for flag, span in secrets_in_arguments(arguments):
            if flag != "command" and span.source.path not in files:
                yield SecretDefault(flag, span, "flag")
