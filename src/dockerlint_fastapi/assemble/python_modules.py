"""The Python modules of a project, each parsed once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application import Module
    from dockerlint_fastapi.model.files.code_writes import CodeWrites
    from dockerlint_fastapi.model.files.image_files import Placed


class PythonModules:
    """The module that a file of an image or container is; None when it cannot be parsed."""

    def __init__(self, sources: Callable[[str], Source | None]) -> None:
        self._sources = sources
        self._parsed: dict[tuple[str, str], Module | None] = {}

    def __call__(self, placed: Placed) -> Module | None:
        """The module of a file; one that an instruction writes has its spans in a text of its own."""
        key = (placed.path or "", "" if placed.path is not None else placed.text)
        if key not in self._parsed:
            from dockerlint_fastapi.parsers.python.module import parse_module  # noqa: PLC0415  # most runs read no Python

            source = self._sources(placed.path) if placed.path is not None else None
            self._parsed[key] = parse_module(source or Source.of(placed.text, placed.place))
        return self._parsed[key]


def writes_of(source: Source) -> CodeWrites:
    """What a Python file writes to."""
    from dockerlint_fastapi.parsers.python.writes import writes_in  # noqa: PLC0415  # as above

    return writes_in(source)
