"""pdm.lock: every distribution, one entry for each set of extras, with what it needs."""

from __future__ import annotations

from dockerlint_fastapi.model.install.manifest import Lock, Locked, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.locks import blocks, strings, text_of
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, load_toml


def parse_pdm_lock(text: str, locate: Locate) -> Lock | None:
    """A pdm.lock; None when it is no TOML. Never raises."""
    document = load_toml(text)
    if document is None or not isinstance(document.get("package", []), list):
        return None
    packages: dict[str, tuple[Locked, ...]] = {}
    extras: dict[str, dict[str, tuple[Requirement, ...]]] = {}
    for entry, span in blocks(document, "package", text, locate):
        name = normal_name(entry["name"])
        texts = entry.get("dependencies", [])
        parsed = [parse_requirement(one, span) for one in strings(texts)]
        needs = tuple(one for one in parsed if one is not None and one.name != name)
        chosen = entry.get("extras")
        if isinstance(chosen, list) and chosen:
            for extra in chosen:
                if isinstance(extra, str):
                    extras.setdefault(name, {})[normal_name(extra)] = needs
            continue
        locked = Locked(name, text_of(entry, "version"), needs, {}, {}, None, text_of(entry, "marker"), span)
        packages[name] = (*packages.get(name, ()), locked)
    for name, found in extras.items():
        packages[name] = tuple(one._replace(extras=found) for one in packages.get(name, ()))
    return Lock("pdm", packages)
