"""What fixes change, as a unified diff that `git apply -p0` and `patch -p0` take."""

from __future__ import annotations

import difflib

from dockerlint_fastapi.reporters.paint import Paint
from dockerlint_fastapi.reporters.visible import visible

_STYLES = {"+": "good", "-": "error", "@": "info"}


def unified(path: str, before: bytes | None, after: bytes, *, color: bool = False, safe: bool = False) -> str:
    """The difference between two states of a file; `before` is None for one that is made.

    Bytes that are not UTF-8 are kept as `surrogateescape` has them. `safe` makes control characters visible, for a
    terminal.
    """
    paint = Paint(color=color)
    old = [] if before is None else _lines(before)
    name = _quoted(path)
    found: list[str] = []
    for line in difflib.unified_diff(old, _lines(after), "/dev/null" if before is None else name, name):
        bare = line.removesuffix("\n")
        shown = visible(bare) if safe else bare
        style = "strong" if line.startswith(("--- ", "+++ ")) and len(found) < 2 else _STYLES.get(line[:1], "")
        found.append(paint(style, shown))
        if not line.endswith("\n"):
            found.append("\\ No newline at end of file")
    return "".join(f"{line}\n" for line in found)


def _quoted(path: str) -> str:
    """A path as git writes it in a patch: in quotes with escapes where it holds anything but printable text, so that no
    name can bring lines of its own.
    """
    if path.isprintable() and not any(char in path for char in '"\\'):
        return path
    escaped = "".join(
        f"\\{byte:03o}" if byte < 0x20 or byte > 0x7E else f"\\{chr(byte)}" if byte in b'"\\' else chr(byte)
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'


def _lines(data: bytes) -> list[str]:
    """The lines of a file, each with its line feed."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *(lines[-1:] if lines[-1] else [])]
