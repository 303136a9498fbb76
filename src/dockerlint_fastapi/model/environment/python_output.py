"""Whether what a server's code prints waits in a buffer, as the standard output of Python does without a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

VARIABLE: Final = "PYTHONUNBUFFERED"


class BufferedServer(NamedTuple):
    """A container whose server prints into a buffer.

    `empty` is where the variable is given no text, which is as if it were not set. `others` tells that further servers
    of the same image print at once. `printed` is the first `print` of its code, or `stdout` of a handler made there;
    None when the code has none or is not at hand.
    """

    container: Container
    empty: Span | None
    others: bool
    printed: Span | None


def buffered_server(image: Image) -> BufferedServer | None:
    """The first server that is started from an image to be shipped and that certainly prints into a buffer. Where
    services start servers from it, those count: nobody may ever start it without compose. Those for development count
    where all of them that are there print at once: the variable is known, and set where the image is started.
    """
    if image.development is not None:
        return None
    serving = [one for one in image.containers if one.serves and one.development is None]
    services = [one for one in serving if one.service is not None]
    work = [one for one in image.containers if one.serves and one.service is not None] if not services else []
    if work and all(prints_at_once(one) for one in work):
        return None
    told = [(one, prints_at_once(one)) for one in services or serving]
    for one, at_once in told:
        if at_once is False:
            others = any(other is True for _, other in told)
            from dockerlint_fastapi.model.environment.printing import printed  # noqa: PLC0415 - most are not buffered

            return BufferedServer(one, next(_emptied(one), None), others, printed(one))
    return None


def prints_at_once(container: Container) -> bool | None:
    """Whether `-u`, the variable or a terminal makes a server print at once, or somebody chose that it should not
    (`PYTHONUNBUFFERED=0`); None when that cannot be told.
    """
    server, image = container.server, container.image
    if server is None or image is None or not container.is_whole:
        return None
    program = server.program
    if program.unbuffered:
        return True
    if program.name.endswith(".py") and "uv run" not in program.wrappers:
        return None  # its first line says how Python is called
    terminal = container.service.setting("tty") if container.service is not None else None
    if terminal is not None and terminal.value != "false":
        return True if terminal.value == "true" else None
    value = container.environment.seen_by(program).get(VARIABLE)
    if isinstance(value, Unknown):
        return None
    if value is not None:
        return value.text != ""
    return False if image.scratch or _is_plain(image) else None


def _is_plain(image: Image) -> bool:
    """Whether nothing that Python reads is set by the base image, beyond what is known of it."""
    return image.base is not None and image.base.family in table("base_images")["plain"].split()


def _emptied(container: Container) -> Iterator[Span]:
    server = container.server
    value = container.environment.seen_by(server.program).get(VARIABLE) if server is not None else None
    if value is not None and not isinstance(value, Unknown) and value.span is not None:
        yield value.span
