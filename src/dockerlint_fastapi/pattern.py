"""Regular expressions that are compiled when they are first used.

A run of the linter meets a tenth of those that stand at the tops of its modules, and compiling one takes as long as
importing a module. `pattern(TEXT, FLAGS)` is `re.compile(TEXT, FLAGS)` put off.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any


class _Pattern:
    """A stand-in for a `re.Pattern`. Each method becomes the pattern's own when it is first used."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        import re  # noqa: PLC0415

        value = getattr(re.compile(self._text, self._flags), name)  # `re` keeps what it has compiled
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return f"pattern({self._text!r}, {self._flags!r})"


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression, compiled at its first use. An error in it is raised then, as `re.error`."""
    return _Pattern(text, flags)  # type: ignore[return-value]
