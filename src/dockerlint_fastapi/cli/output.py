"""The terminal and files: what is written, where to, and in which encoding."""

from __future__ import annotations

import os
import sys

from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.reporters import FOR_PEOPLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO


def write(stream: IO[str] | None, text: str, *, encoding: str | None = None) -> None:
    """Writes text whatever the stream's encoding (what it cannot hold is replaced); silent when the pipe is closed."""
    if stream is None or not text:
        return
    data = text.encode(encoding or getattr(stream, "encoding", None) or "utf-8", "replace")
    try:
        stream.flush()
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(data.decode("utf-8", "replace"))
        else:
            binary.write(data)
        stream.flush()
    except OSError as error:
        # What is still in the buffer would fail once more at the interpreter's end, with a message and a code of its
        # own: into nothing with it.
        from contextlib import suppress  # noqa: PLC0415 - takes a millisecond, and is seldom needed

        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):  # a reader that has enough (`dlf check | head`) is no failure
            raise


def say(text: str) -> None:
    """One line on standard error."""
    from dockerlint_fastapi.reporters.visible import visible  # noqa: PLC0415 - most runs have nothing to say

    write(sys.stderr, "".join(f"{visible(line)}\n" for line in text.split("\n")))


def complain(text: str) -> None:
    """A message for a run that cannot do all that was asked."""
    say(f"error: {text}")


def colored(stream: IO[str] | None) -> bool:
    """Whether to use colour: NO_COLOR (no-color.org) forbids it, FORCE_COLOR demands it, else it is for terminals."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return stream is not None and os.environ.get("TERM") != "dumb" and stream.isatty()


def watched(*, quiet: bool) -> bool:
    """Whether somebody watches standard error: a terminal that can be drawn on, not in CI, not told to be quiet."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return False
    return not os.environ.get("CI") and os.environ.get("TERM", "dumb") not in {"", "dumb"}


def write_file(path: str, text: str) -> None:
    """Writes a text as UTF-8, as a whole or not at all. Raises OSError."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path: str, data: bytes) -> None:
    """Writes a file as a whole or not at all; see `write_pieces`. Raises OSError."""
    write_pieces(path, (data,))


def write_pieces(path: str, pieces: Iterable[bytes]) -> None:
    """Writes a file as a whole or not at all: beside its place, then renamed to it; it keeps its rights. Raises
    OSError.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):  # /dev/stdout, a pipe: nothing to rename onto
        with open(target, "wb") as file:
            file.writelines(pieces)
        return
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}.tmp")
    try:
        with open(beside, "xb") as file:
            file.writelines(pieces)
        if os.path.exists(target):
            os.chmod(beside, os.stat(target).st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def deliver(text: str, output_format: str, output_file: str | None) -> None:
    """Puts a report where it was asked for. Formats for programs are UTF-8 whatever the terminal is."""
    if output_file is None:
        write(sys.stdout, text, encoding=None if output_format in FOR_PEOPLE else "utf-8")
        return
    try:
        write_file(output_file, text)
    except OSError as error:
        raise Stop(f"{output_file}: cannot be written: {error.strerror or error}") from error
