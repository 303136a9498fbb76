"""The password that a Redis asks for, and URLs that have none, or another one.

A client without it gets `NOAUTH Authentication required`, one with another `WRONGPASS` (redis.io, AUTH), whatever it
asks. The command of the image takes it as `--requirepass` (docker-library/redis, docker-entrypoint.sh).
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.environment.variables import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.project import Project

_IMAGES = frozenset(("redis", "redis/redis-stack", "redis/redis-stack-server", "valkey/valkey"))
_SHELLS = frozenset(("sh", "bash", "ash"))
_OPTION = r"--requirepass[ \t]+(?:\"\$\{?(\w+)\}?\"|\$\{?(\w+)\}?|'([^'$]+)'|\"([^\"$]+)\"|([^\s\"'$;&|]+))(?=\s|\Z)"
_SET = r"\$\{\w+(?::\?[^}]*|:-[^}$]+)\}"  # a reference that cannot be empty: `${X:?}`, `${X:-secret}`
_MOST = 400  # files of code that are looked into


def required_password(other: Container, service: Service) -> Part | None:
    """The password without which a Redis answers nothing; None when it wants none, or that cannot be told."""
    image = service.image.value or service.image.default if service.image is not None else None
    reference = Reference.parse(image) if image else None
    command = service.command
    if reference is None or reference.repository not in _IMAGES or service.build is not None or command is None:
        return None
    words = command.arguments or ()
    if service.entrypoint is not None or command.dropped is not None:
        return None
    if len(words) == 3 and (words[0].value or "").rpartition("/")[2] in _SHELLS:
        found = re.search(_OPTION, words[2].value or "")
        if found is None:
            return None
        name = found[1] or found[2]
        if name is None:
            value = found[3] or found[4] or found[5]
            return Part(value, value, words[2].span, "--requirepass")
        variable = other.variables.get(name)
        return Part(variable.value, f"${{{name}}}", variable.span, name) if variable is not None else None
    at = next((at for at, word in enumerate(words[:-1]) if word.value == "--requirepass"), None)
    if at is None:
        return None
    word = words[at + 1]
    return Part(word.value, word.text.strip("\"'"), word.span, "--requirepass")


def is_certain(part: Part) -> bool:
    """Whether a password is certainly not empty."""
    return bool(part.value) if part.value is not None else re.fullmatch(_SET, part.text) is not None


def gives_apart(container: Container) -> bool:
    """Whether a program may have the password from another variable than the URL: one is set, and the code reads it."""
    names = [name for name in container.variables if re.search(r"(?i)(?:redis|valkey|cache|broker).*pass", name)]
    project = container.project
    return project is None or any(project.index.answer(_in_code, name) for name in names)


def _in_code(project: Project, name: str) -> bool:
    """Whether code has a name as an attribute or a text; a field that nothing reads is none."""
    found = re.compile(rf"(?i)[.\"']{re.escape(name)}(?![A-Za-z0-9_])")
    paths = sorted(project.index.ending(".py"))
    if len(paths) > _MOST or not paths:
        return True
    sources = map(project.source_of, paths)
    return any(source is None or found.search(source.text) is not None for source in sources)
