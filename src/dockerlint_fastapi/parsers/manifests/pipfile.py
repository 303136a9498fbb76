"""Pipfile and Pipfile.lock."""

from __future__ import annotations

import json
import re

from dockerlint_fastapi.model.install.manifest import Lock, ProjectFile, PythonBound, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, TomlText, load_toml
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_OWN = ("source", "requires", "scripts", "pipenv", "packages", "dev-packages", "pipfile")
_MARKERS = ("os_name", "sys_platform", "platform_system", "platform_machine", "python_version", "python_full_version")


def parse_pipfile(text: str, locate: Locate) -> ProjectFile | None:
    """A Pipfile; None when it is no TOML. Never raises."""
    document = load_toml(text)
    if document is None:
        return None
    places = TomlText(text, locate)
    categories = {
        key: _table(value, lambda name, key=key: places.key_span(key, name))
        for key, value in document.items()
        if isinstance(value, dict) and (key not in _OWN or key in ("packages", "dev-packages"))
    }
    requires = document.get("requires")
    python = None
    for key in ("python_full_version", "python_version"):
        version = requires.get(key) if isinstance(requires, dict) else None
        if isinstance(version, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)*", version):
            span = places.string(version, places.key("requires", key))
            minor = ".".join(version.split(".")[:2])
            python = PythonBound(f"=={minor}.*", version, key, span)
    dependencies = categories.pop("packages", ())
    return ProjectFile(None, python, dependencies, {}, categories, (), complete=True, package=False)


def _table(value: dict[str, Any], span_of: Any) -> tuple[Requirement, ...]:
    return tuple(_requirement(name, one, span_of(name)) for name, one in value.items())


def _requirement(name: str, value: object, span: Span) -> Requirement:
    settings = value if isinstance(value, dict) else {"version": value}
    version, extras, marker = settings.get("version"), settings.get("extras", []), settings.get("markers")
    folder = settings.get("path", settings.get("file"))
    if marker is None:  # `os_name = "== 'nt'"`: Pipenv makes one of each such key
        marker = next((f"{key} {settings[key]}" for key in _MARKERS if isinstance(settings.get(key), str)), None)
    return Requirement(
        name=normal_name(name),
        extras=frozenset(normal_name(one) for one in extras if isinstance(one, str))
        if isinstance(extras, list)
        else frozenset(),
        specifier=version if isinstance(version, str) and version != "*" else "",
        marker=marker if isinstance(marker, str) else None,
        direct=any(key in settings for key in ("git", "path", "file", "url")),
        span=span,
        place=folder if isinstance(folder, str) else None,
    )


def parse_pipfile_lock(text: str, locate: Locate) -> Lock | None:
    """A Pipfile.lock; None when it is no JSON. Never raises."""
    if len(text) > 8_000_000:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    flat: dict[str, tuple[Requirement, ...]] = {}
    for category, entries in document.items():
        if category == "_meta" or not isinstance(entries, dict):
            continue
        begin = text.find(f'"{category}"')

        def span_of(name: str, begin: int = begin) -> Span:
            at = text.find(f'"{name}"', max(begin, 0))
            return locate(at + 1, at + 1 + len(name)) if at >= 0 else locate(0, 0)

        flat[category] = _table(entries, span_of)
    return Lock("pipenv", {}, flat)
