"""The command of a container, with where each part of it is written."""

from __future__ import annotations

import re
import shlex

from dockerlint_fastapi.model.environment.interpolation import references
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.show.description import Command, CommandPart, Place
from dockerlint_fastapi.show.masking import masked, masked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.command import Argument
    from dockerlint_fastapi.model.compose import CommandSetting, Healthcheck, Setting
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.dockerfile import Command as Instructed

# What needs no quotes to be read as one word; a variable is left as it is written.
_PLAIN = r"[\w@%+=:,./${}~^?*!\[\]-]+\Z"


class _Piece(NamedTuple):
    """One part, with the words that it gives to the whole."""

    part: CommandPart
    words: tuple[str, ...]


def joined(words: Sequence[str]) -> str:
    """Words as one line, quoted where a shell would take them for several or for none."""
    return " ".join(word if re.match(_PLAIN, word) else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    """A word in the quotes that leave its text as it is, as far as there are such."""
    return f'"{word}"' if "'" in word and not re.search(r'["\\$`!]', word) else shlex.quote(word)


def written(argument: Argument) -> str:
    """An argument of compose: its value; as written when it holds a variable, whose value is nobody's business."""
    raw = argument.text
    if argument.value is not None and not references(raw):
        return argument.value
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'":
        raw = raw[1:-1]
    return raw


def text_of(setting: Setting) -> str:
    """A setting's value, or as written when that cannot be told."""
    return setting.text if setting.value is None else setting.value


def command_of(container: Container, base: BaseImage | None) -> Command | None:
    """What starts a container, as far as files and the known base image say; None when they say nothing of it."""
    pieces = _pieces(container, base)
    if not pieces:
        return None
    words = [word for piece in pieces for word in piece.words]
    return Command(joined(masked_words(words)), tuple(piece.part for piece in pieces))


def _pieces(container: Container, base: BaseImage | None) -> list[_Piece]:
    """The parts in the order of the words: Docker appends CMD to ENTRYPOINT, unless that is in shell form; an
    entrypoint that compose sets drops both of the image.
    """
    service, image = container.service, container.image
    entrypoint = service.entrypoint if service is not None else None
    command = service.command if service is not None else None
    first: _Piece | None = None
    second: _Piece | None = None
    lone = True  # no instruction and no key has replaced the base image's ENTRYPOINT
    if entrypoint is not None:
        lone = False
        first = _set("entrypoint", entrypoint)
    elif image is not None and image.entrypoint is not None:
        lone = False
        first = _instructed("ENTRYPOINT", image.entrypoint.command)
    elif base is not None and base.entrypoint:
        first = _of_base("ENTRYPOINT", base.entrypoint)
    if first is not None and first.part.form == "shell":
        return [first]
    if command is not None and not command.cleared:
        second = _set("command", command)
    elif entrypoint is None and image is not None and image.cmd is not None:
        second = _instructed("CMD", image.cmd.command)
    elif lone and base is not None and base.cmd:
        second = _of_base("CMD", base.cmd)
    return [piece for piece in (first, second) if piece is not None]


def _set(key: str, setting: CommandSetting) -> _Piece | None:
    if setting.arguments is None:
        text = setting.scalar.text if setting.scalar is not None else setting.span.text
        return _Piece(CommandPart(key, "exec", masked(text), Place.of(setting.span)), (text,))
    words = [written(argument) for argument in setting.arguments]
    if not words:
        return None
    return _Piece(CommandPart(key, "exec", joined(masked_words(words)), Place.of(setting.span)), tuple(words))


def _instructed(keyword: str, command: Instructed) -> _Piece | None:
    place = Place.of(command.span)
    if command.exec_form:
        words = [word.text if word.value is None else word.value for word in command.words]
        if not words:
            return None
        return _Piece(CommandPart(keyword, "exec", joined(masked_words(words)), place), tuple(words))
    return _Piece(CommandPart(keyword, "shell", masked(command.text), place), (*command.shell, command.text))


def _of_base(keyword: str, words: tuple[str, ...]) -> _Piece:
    return _Piece(CommandPart(f"base image {keyword}", "exec", joined(words), None), words)


def test_of(command: Instructed) -> tuple[str, str]:
    """The form and the text of a HEALTHCHECK's test."""
    if command.exec_form:
        words = [word.text if word.value is None else word.value for word in command.words]
        return "exec", joined(masked_words(words))
    return "shell", masked(command.text)


def test_of_compose(check: Healthcheck) -> tuple[str | None, str | None]:
    """The form and the text of a compose test; None when its form cannot be told."""
    if check.form == "CMD":
        return "exec", joined(masked_words([written(argument) for argument in check.arguments]))
    if check.form == "CMD-SHELL" and check.script is not None:
        script = check.script
        return "shell", masked(script.text if script.value is None or references(script.text) else script.value)
    return None, None
