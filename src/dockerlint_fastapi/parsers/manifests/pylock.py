"""pylock.toml (PEP 751): a flat list of what is installed, each entry under its marker."""

from __future__ import annotations

from dockerlint_fastapi.model.install.manifest import Lock, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.locks import blocks, text_of
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, load_toml


def parse_pylock(text: str, locate: Locate) -> Lock | None:
    """A pylock.toml; None when it is no TOML. Never raises."""
    document = load_toml(text)
    if document is None or not isinstance(document.get("packages"), list):
        return None
    found: list[Requirement] = []
    for entry, span in blocks(document, "packages", text, locate):
        version = text_of(entry, "version")
        specifier = f"=={version}" if version else ""
        marker = text_of(entry, "marker")
        direct = any(key in entry for key in ("vcs", "directory", "archive"))
        found.append(Requirement(normal_name(entry["name"]), frozenset(), specifier, marker, direct=direct, span=span))
    return Lock("pylock", {}, {"default": tuple(found)})
