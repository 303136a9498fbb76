"""poetry.lock: every distribution with what it needs; which of them are wanted, pyproject.toml says."""

from __future__ import annotations

from dockerlint_fastapi.model.install.manifest import Lock, Locked, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.locks import blocks, strings, text_of
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, load_toml
from dockerlint_fastapi.source import Span


def parse_poetry_lock(text: str, locate: Locate) -> Lock | None:
    """A poetry.lock; None when it is no TOML. Never raises."""
    document = load_toml(text)
    if document is None or not isinstance(document.get("package", []), list):
        return None
    packages: dict[str, tuple[Locked, ...]] = {}
    for entry, span in blocks(document, "package", text, locate):
        name = normal_name(entry["name"])
        needs = entry.get("dependencies")
        listed = needs.items() if isinstance(needs, dict) else ()
        every = [one for key, value in listed for one in _needs(key, value, span)]
        optional = {one.name for one, is_optional in every if is_optional}
        extras = entry.get("extras")
        found: dict[str, tuple[Requirement, ...]] = {}
        for extra, texts in extras.items() if isinstance(extras, dict) else ():
            parsed = [parse_requirement(one, span) for one in strings(texts)]
            named = [one for one in parsed if one is not None]
            found[normal_name(extra)] = tuple(named)
        locked = Locked(
            name=name,
            version=text_of(entry, "version"),
            dependencies=tuple(one for one, is_optional in every if not is_optional and one.name not in optional),
            extras=found,
            groups={},
            folder=None,
            marker=text_of(entry, "markers"),
            span=span,
        )
        packages[name] = (*packages.get(name, ()), locked)
    return Lock("poetry", packages)


def _needs(name: str, value: object, span: Span) -> list[tuple[Requirement, bool]]:
    """A dependency of a locked package: a version, or a table of settings, or a list of such; and whether it comes only
    with an extra.
    """
    found: list[tuple[Requirement, bool]] = []
    for one in value if isinstance(value, list) else [value]:
        settings = one if isinstance(one, dict) else {}
        marker, extras = settings.get("markers"), settings.get("extras", [])
        marker = marker if isinstance(marker, str) else None
        found.append(
            (
                Requirement(
                    name=normal_name(name),
                    extras=frozenset(normal_name(extra) for extra in extras if isinstance(extra, str))
                    if isinstance(extras, list)
                    else frozenset(),
                    specifier="",
                    marker=marker,
                    direct=False,
                    span=span,
                ),
                settings.get("optional") is True or (marker is not None and "extra" in marker),
            )
        )
    return found
