"""Terminal colours, or none."""

from __future__ import annotations

RESET = "\x1b[0m"
STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "strong": "\x1b[1m",
    "frame": "\x1b[1;34m",
    "good": "\x1b[1;32m",
}


class Paint:
    """Puts a style round a text, or leaves it alone when there is no colour."""

    __slots__ = ("color",)

    def __init__(self, *, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        """The text in one of STYLES; an unknown style is plain."""
        return f"{STYLES[style]}{text}{RESET}" if self.color and text and style in STYLES else text
