"""The services of a compose file's root."""

from __future__ import annotations

from dockerlint_fastapi.model.compose import ComposeFile, Mapping, Service, Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerlint_fastapi.source import Span


def services_of(file: ComposeFile) -> dict[str, Service]:
    """The services whose body is a mapping, by name and in the file's order; of a duplicate name the first."""
    services = file.root.get("services") if file.root is not None else None
    found: dict[str, Service] = {}
    for entry in services.entries if isinstance(services, Mapping) else ():
        if isinstance(entry.value, Mapping):
            found.setdefault(entry.key.text, Service(file, entry.key, entry.value, _split))
    return found


def _split(text: str, locate: Callable[[int, int], Span]) -> Words:
    """A command string in words, by the splitter that Compose uses; it is imported when the first one is asked for."""
    from dockerlint_fastapi.parsers.go_shellwords import split_string  # noqa: PLC0415

    return split_string(text, locate)
