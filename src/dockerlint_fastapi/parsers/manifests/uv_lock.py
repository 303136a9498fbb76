"""uv.lock: every distribution with what it needs, its extras, and the dependency groups of the workspace's projects."""

from __future__ import annotations

from dockerlint_fastapi.model.install.manifest import Lock, Locked, normal_name
from dockerlint_fastapi.parsers.manifests.locks import blocks, requirements, text_of
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, load_toml


def parse_uv_lock(text: str, locate: Locate) -> Lock | None:
    """A uv.lock; None when it is no TOML. Never raises."""
    document = load_toml(text)
    if document is None or not isinstance(document.get("package", []), list):
        return None
    packages: dict[str, tuple[Locked, ...]] = {}
    for entry, span in blocks(document, "package", text, locate):
        source = entry.get("source")
        folder = None
        if isinstance(source, dict):
            folder = next((source[key] for key in ("editable", "virtual", "directory") if key in source), None)
        extras, groups = entry.get("optional-dependencies"), entry.get("dev-dependencies")
        name = normal_name(entry["name"])
        locked = Locked(
            name=name,
            version=text_of(entry, "version"),
            dependencies=requirements(entry.get("dependencies"), span),
            extras={normal_name(one): requirements(value, span) for one, value in extras.items()}
            if isinstance(extras, dict)
            else {},
            groups={normal_name(one): requirements(value, span) for one, value in groups.items()}
            if isinstance(groups, dict)
            else {},
            folder=folder if isinstance(folder, str) else None,
            marker=None,
            span=span,
        )
        packages[name] = (*packages.get(name, ()), locked)
    return Lock("uv", packages)
