"""Paths of an application's routes, also those of which only a part is known."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX_WILD: Final = 4  # parts of one path that may be anything; with more nothing is said
_PARAMETER: Final = r"\{[^{}:]*(:[^{}]*)?\}"

Path = tuple[str | None, ...]
"""A path as its pieces, one after the other; None is a piece that cannot be told."""

ANYTHING: Final[Path] = (None,)


class Route(NamedTuple):
    """A route with its full path. `methods` is None when they cannot be told; `certain` is False when it is added
    under a condition. A route that is `open` stands for everything at and below its path.
    """

    path: Path
    methods: frozenset[str] | None
    certain: bool
    span: Span | None
    open: bool = False

    @property
    def text(self) -> str:
        """The path for a reader, `…` for what cannot be told."""
        return "".join("…" if piece is None else piece for piece in self.path) + ("/…" if self.open else "")

    def matches(self, path: str, method: str | None) -> bool | None:
        """Whether a request for a path comes here: None when it may. A slash at the end makes no difference: FastAPI
        answers with a redirect.
        """
        wanted = path.rstrip("/") or "/"
        allowed = True if method is None else None if self.methods is None else method in self.methods
        if allowed is False:
            return False
        text = "".join("" if piece is None else piece for piece in self.path)
        if None not in self.path and "{" not in text:
            own = text.rstrip("/") or "/"
            if self.open:
                return None if own in ("/", wanted) or wanted.startswith(f"{own}/") else False
            if own != wanted:
                return False
            return True if allowed and self.certain else None
        if sum(piece is None for piece in self.path) + text.count("{") > _MAX_WILD or len(wanted) > 300:
            return None
        pattern = "".join(".*" if piece is None else _pattern(piece) for piece in self.path)
        pattern = pattern.rstrip("/") + ("(/.*)?" if self.open else "/?")
        return None if re.fullmatch(pattern, wanted, re.DOTALL) else False


def _pattern(piece: str) -> str:
    parts: list[str] = []
    at = 0
    for match in re.finditer(_PARAMETER, piece):
        parts.append(re.escape(piece[at : match.start()]))
        parts.append(".*" if match[1] == ":path" else "[^/]+")
        at = match.end()
    return "".join(parts) + re.escape(piece[at:])


def joined(*paths: Path) -> Path:
    """Paths one behind the other, the known pieces of each run in one."""
    pieces: list[str | None] = []
    for path in paths:
        for piece in path:
            if piece is not None and pieces and pieces[-1] is not None:
                pieces[-1] += piece
            elif piece is None and pieces and pieces[-1] is None:
                continue
            elif piece != "":
                pieces.append(piece)
    return tuple(pieces)
