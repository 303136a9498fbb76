"""Programs of conda environments, called by their own path in place of `conda run`."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import words
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.dockerfile import Run, User
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

_QUOTED_OR_PLAIN = r"\"([^\"\\]*)\"|'([^']*)'|[^\s\"',\[\]]+"
_WINDOW = 400  # characters in front of a program that are looked at for its launcher
_FLAGS = frozenset(("-v", "--verbose", "--no-capture-output", "--live-stream"))
_NAMES = ("-n", "--name")
_PREFIXES = ("-p", "--prefix")
# What may put environments elsewhere, or choose one.
_VARIABLES = ("CONDA_ENVS_PATH", "CONDA_ENVS_DIRS", "CONDARC", "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "CONDA_ROOT")
_PLAIN = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_NO_PART = frozenset(("sh", "bash", "dash", "zsh", "env", "exec", "conda"))  # not of the environment, as a rule


class _Token(NamedTuple):
    """A word in a command of any form, with the quotes round it."""

    text: str
    start: int
    end: int


class _Call(NamedTuple):
    """`conda run` with its options, and the word of the program that it starts."""

    first: _Token
    program: _Token
    name: str | None
    prefix: str | None


def direct(container: Container) -> Edit | None:
    """The path of the program in its environment, in place of `conda run` with its options. None where it cannot be
    told in which folder the environment is.
    """
    program = container.program
    found = None if program is None else _call(program)
    if program is None or found is None:
        return None
    folder = found.prefix or _folder(container, found.name)
    if folder is None:
        return None
    source = program.span.source
    own = source.span(found.program.start, found.program.end)
    written = words.instead(own, f"{folder}/bin/{found.program.text}")
    return None if written is None else Edit(source.span(found.first.start, found.program.end), written.text)


def _call(program: Program) -> _Call | None:
    """The call in front of a program; None when there is none, or it says more than which environment."""
    span: Span = program.span
    tokens = _tokens(span.source, max(0, span.start - _WINDOW), program.argv[0].span.end)
    at = max((at for at, one in enumerate(tokens[:-1]) if _launches(one, tokens[at + 1])), default=None)
    if at is None:
        return None
    name = prefix = None
    position = at + 2
    while position < len(tokens) and tokens[position].text.startswith("-"):
        option, given, value = tokens[position].text.partition("=")
        position += 1
        if option in _FLAGS and not given:
            continue
        if not given and position < len(tokens):
            value = tokens[position].text
            position += 1
        if option in _NAMES:
            name = value
        elif option in _PREFIXES:
            prefix = value.rstrip("/")
        else:
            return None
    if position >= len(tokens) or (name is not None and prefix is not None):
        return None
    plain = re.fullmatch(_PLAIN, tokens[position].text) and tokens[position].text not in _NO_PART
    if not plain or (prefix is not None and not re.fullmatch(r"(?:/[A-Za-z0-9_.-]+)+", prefix)):
        return None
    return _Call(tokens[at], tokens[position], name, prefix)


def _launches(one: _Token, following: _Token) -> bool:
    return one.text.rpartition("/")[2] == "conda" and following.text == "run"


def _tokens(source: Source, start: int, end: int) -> list[_Token]:
    """The words of a stretch of text, without the dashes of a YAML list and what continues a line."""
    found: list[_Token] = []
    for one in re.finditer(_QUOTED_OR_PLAIN, source.text[start:end]):
        text = next((group for group in one.groups() if group is not None), one[0])
        if one[0] not in ("-", "\\"):
            found.append(_Token(text, start + one.start(), start + one.end()))
    return found


def _folder(container: Container, name: str | None) -> str | None:
    """The folder of an environment that is named, or of the one that conda takes when none is."""
    image = container.image
    root = image.base.conda if image is not None and image.base is not None else None
    if image is None or root is None or any(one in container.variables for one in _VARIABLES):
        return None
    if name in (None, "base"):
        return root
    if not re.fullmatch(_PLAIN, name or "") or not _made_by_root(image):
        return None
    return f"{root}/envs/{name}"


def _made_by_root(image: Image) -> bool:
    """Whether root runs what conda does in an image: the environments of others may be in their home."""
    root = image.base is not None and image.base.user == "root"
    for one in image.instructions:
        if isinstance(one, User):
            root = one.user.value in ("root", "0", "root:root", "0:0")
        elif isinstance(one, Run) and not root and re.search(r"\b(?:conda|mamba)\b", one.text):
            return False
    return True
