"""The environments of Hatch: `[tool.hatch.envs]` of a pyproject.toml, or `[envs]` of the hatch.toml beside it."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.model.install.manifest import HatchEnvironment, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, TomlText, load_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What makes more of an environment, or another one, than its table says.
_UNREAD = ("matrix", "overrides", "workspace", "uv-path")
_MOST_TEMPLATES = 20


def parse_hatch_toml(text: str, locate: Locate) -> dict[str, HatchEnvironment] | None:
    """The environments of a hatch.toml; None when they cannot be told. Never raises."""
    document = load_toml(text)
    return None if document is None else hatch_environments(document, TomlText(text, locate), "envs")


def hatch_environments(
    settings: Mapping[str, Any], places: TomlText, prefix: str = "tool.hatch.envs"
) -> dict[str, HatchEnvironment] | None:
    """Those that settings of Hatch describe, one called `default` in any case; None when a plugin may make more."""
    own, collected = settings.get("envs", {}), settings.get("env", {})
    if not isinstance(own, dict) or not isinstance(collected, dict) or collected.get("collectors"):
        return None
    tables = {"default": {}, **{name: one for name, one in own.items() if isinstance(one, dict)}}
    return {name: _Environment(name, tables, settings, places, prefix).read() for name in tables}


class _Environment:
    def __init__(
        self,
        name: str,
        tables: Mapping[str, Mapping[str, Any]],
        settings: Mapping[str, Any],
        places: TomlText,
        prefix: str,
    ) -> None:
        self.name = name
        self.places = places
        self.prefix = prefix
        self.complete = True
        self.locks = settings.get("lock-envs") is True
        self.values: dict[str, tuple[object, str]] = {}  # each setting, and the environment whose table has it
        self.join(tables)

    def join(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """What its own table says, then that of its template, and so on: the first to say a thing counts."""
        name = self.name
        for _ in range(_MOST_TEMPLATES):
            own = tables.get(name)
            if own is None:  # Hatch stops
                self.complete = False
                return
            for key, value in own.items():
                if key != "matrix" or name == self.name:
                    self.values.setdefault(key, (value, name))
            if own.get("detached") is True:
                self.values.setdefault("skip-install", (True, name))
            template = name if own.get("detached") is True else own.get("template", "default")
            if template == name:
                return
            if not isinstance(template, str):
                break
            name = template
        self.complete = False

    def read(self) -> HatchEnvironment:
        kind, installer, path = self.text("type", "virtual"), self.text("installer", "pip"), self.text("path", "")
        requirements = (*self.requirements("dependencies"), *self.requirements("extra-dependencies"))
        features, groups = self.names("features"), self.names("dependency-groups")
        unread = kind != "virtual" or any(key in self.values for key in _UNREAD)
        locked = self.values.get("locked", (self.locks, ""))[0] is not False and (self.locks or "locked" in self.values)
        return HatchEnvironment(
            name=self.name,
            requirements=requirements,
            features=features,
            groups=groups,
            project=self.values.get("skip-install", (False, ""))[0] is not True,
            installer=installer,
            path=path,
            locked=locked,
            complete=self.complete and not unread,
        )

    def text(self, key: str, default: str) -> str:
        value = self.values.get(key, (default, ""))[0]
        if isinstance(value, str) and "{" not in value:
            return value
        self.complete = False
        return default

    def listed(self, key: str) -> tuple[list[str], str]:
        value, owner = self.values.get(key, ([], self.name))
        if not isinstance(value, list) or not all(isinstance(one, str) and "{" not in one for one in value):
            self.complete = False
            return [], owner
        return value, owner

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(normal_name(one) for one in self.listed(key)[0])

    def requirements(self, key: str) -> tuple[Requirement, ...]:
        texts, owner = self.listed(key)
        table = f"{self.prefix}.{owner}"
        region = self.places.key(table, key) or self.places.table(table)
        found = [parse_requirement(text, self.places.string(text, region)) for text in texts]
        self.complete = self.complete and None not in found
        return tuple(one for one in found if one is not None)
