"""pyproject.toml: PEP 621 dependencies and extras, PEP 735 groups, and what Poetry, uv and PDM keep in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.install.manifest import (
    HatchEnvironment,
    ProjectFile,
    PythonBound,
    Requirement,
    normal_name,
)
from dockerlint_fastapi.parsers.manifests.poetry_versions import specifier_of
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.manifests.toml_text import Locate, TomlText, load_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse_pyproject(text: str, locate: Locate) -> ProjectFile | None:
    """What a pyproject.toml says of its project; None when it is no TOML. Never raises."""
    document = load_toml(text)
    return None if document is None else _Reader(document, TomlText(text, locate)).read()


class _Reader:
    def __init__(self, document: dict[str, Any], places: TomlText) -> None:
        self.document = document
        self.places = places
        self.complete = True

    def read(self) -> ProjectFile:
        project, tool = _table(self.document, "project"), _table(self.document, "tool")
        poetry, uv, pdm = _table(tool, "poetry"), _table(tool, "uv"), _table(tool, "pdm")
        dynamic = project.get("dynamic")
        is_dynamic = isinstance(dynamic, list) and "dependencies" in dynamic
        dependencies: tuple[Requirement, ...] | None
        extras: dict[str, tuple[Requirement, ...]]
        if "project" in self.document and not self.in_poetry_table(project, poetry):
            dependencies = self.strings(project.get("dependencies", []), "project", "dependencies")
            if is_dynamic:
                # Poetry 2.1 takes what is not optional of its own table then; a build backend may do anything.
                dependencies = self.poetry_dependencies(poetry)[0] if poetry else None
            optional = _table(project, "optional-dependencies")
            extras = {
                normal_name(name): self.strings(value, "project.optional-dependencies", name)
                for name, value in optional.items()
            }
            if isinstance(dynamic, list) and "optional-dependencies" in dynamic:
                self.complete = False
        elif poetry:
            dependencies, optional_ones = self.poetry_dependencies(poetry)
            extras = self.poetry_extras(poetry, optional_ones)
            if "project" in self.document and not self.by_poetry():
                dependencies = None  # of Poetry, and not of who asks that backend
        else:
            # an old Flit keeps them in `[tool.flit.metadata]`
            dependencies, extras = () if tool and "flit" not in tool else None, {}
        groups = self.groups(poetry, uv, pdm)
        name = project.get("name", poetry.get("name"))
        return ProjectFile(
            name=normal_name(name) if isinstance(name, str) else None,
            python=self.python(project, poetry),
            dependencies=dependencies,
            extras=extras,
            groups=groups,
            default_groups=self.default_groups(poetry, uv, groups),
            complete=self.complete,
            members="workspace" in uv,
            package=self.is_package(poetry, uv),
            dependency_files=_dependency_files(tool) if is_dynamic and not poetry else (),
            parts=_parts(name, poetry),
            environments=self.environments(_table(tool, "hatch")),
        )

    def in_poetry_table(self, project: Mapping[str, Any], poetry: Mapping[str, Any]) -> bool:
        """Whether Poetry 2 goes by `[tool.poetry.dependencies]` and its extras although there is a `[project]`: as long
        as that lists neither dependencies nor extras (poetry-core's `Factory._configure_package_dependencies`).
        """
        listed = project.get("dependencies") or project.get("optional-dependencies")
        return not listed and bool(_table(poetry, "dependencies"))

    def by_poetry(self) -> bool:
        """Whether nobody but Poetry builds the project."""
        backend = _table(self.document, "build-system").get("build-backend", "poetry.core.masonry.api")
        return isinstance(backend, str) and backend.startswith("poetry.")

    def poetry_dependencies(self, poetry: Mapping[str, Any]) -> tuple[tuple[Requirement, ...], list[Requirement]]:
        """What is always installed of `[tool.poetry.dependencies]`, and what an extra asks for."""
        optional_names = {
            normal_name(name)
            for name, value in _table(poetry, "dependencies").items()
            if isinstance(value, dict) and value.get("optional") is True
        }
        every = self.poetry_table(poetry, "dependencies")
        always = tuple(one for one in every if one.name not in optional_names)
        return always, [one for one in every if one.name in optional_names]

    def environments(self, hatch: Mapping[str, Any]) -> dict[str, HatchEnvironment] | None:
        """Those of Hatch, which has one of the name `default` also where nothing is said of any."""
        if hatch.keys().isdisjoint(("envs", "env", "lock-envs")):
            return {"default": HatchEnvironment("default")}
        from dockerlint_fastapi.parsers.manifests.hatch_environments import hatch_environments  # noqa: PLC0415

        return hatch_environments(hatch, self.places)

    def is_package(self, poetry: Mapping[str, Any], uv: Mapping[str, Any]) -> bool:
        """Whether the project itself is installed: uv does so for what has a build system, unless it is told."""
        if poetry and "package-mode" in poetry:
            return poetry["package-mode"] is not False
        if "package" in uv:
            return uv["package"] is not False
        return bool(poetry) or "build-system" in self.document

    def strings(self, value: object, table: str, key: str) -> tuple[Requirement, ...]:
        """An array of PEP 508 texts."""
        if not isinstance(value, list):
            self.complete = False
            return ()
        region = self.places.key(table, key) or self.places.table(table)
        found: list[Requirement] = []
        for text in value:
            one = parse_requirement(text, self.places.string(text, region)) if isinstance(text, str) else None
            if one is None:
                self.complete = False
            else:
                found.append(one)
        return tuple(found)

    def groups(
        self, poetry: Mapping[str, Any], uv: Mapping[str, Any], pdm: Mapping[str, Any]
    ) -> dict[str, tuple[Requirement, ...]]:
        found: dict[str, tuple[Requirement, ...]] = {}
        raw = {normal_name(name): (name, value) for name, value in _table(self.document, "dependency-groups").items()}
        for name in raw:
            found[name] = tuple(self.group(name, raw, frozenset()))
        for name, value in _table(pdm, "dev-dependencies").items():
            found[normal_name(name)] = self.strings(value, "tool.pdm.dev-dependencies", name)
        if "dev-dependencies" in uv:
            found["dev"] = (*found.get("dev", ()), *self.strings(uv["dev-dependencies"], "tool.uv", "dev-dependencies"))
        for name, value in _table(poetry, "group").items():
            if isinstance(value, dict):
                own = self.poetry_table(value, "dependencies", f"tool.poetry.group.{name}")
                found[normal_name(name)] = (*found.get(normal_name(name), ()), *own)
        if "dev-dependencies" in poetry:
            found["dev"] = (*found.get("dev", ()), *self.poetry_table(poetry, "dev-dependencies"))
        return found

    def group(self, name: str, raw: Mapping[str, tuple[str, object]], seen: frozenset[str]) -> Iterator[Requirement]:
        """A dependency group with those that it includes."""
        key, value = raw.get(name, (name, None))
        if not isinstance(value, list) or name in seen:
            self.complete = False
            return
        texts = [one for one in value if isinstance(one, str)]
        yield from self.strings(texts, "dependency-groups", key)
        for one in value:
            include = one.get("include-group") if isinstance(one, dict) else None
            if isinstance(include, str):
                yield from self.group(normal_name(include), raw, seen | {name})
            elif not isinstance(one, str):
                self.complete = False

    def default_groups(
        self, poetry: Mapping[str, Any], uv: Mapping[str, Any], groups: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Those that are installed when nothing is said: Poetry takes all that are not optional, uv its `dev`."""
        if poetry and "default-groups" not in uv:
            optional = {
                normal_name(name)
                for name, value in _table(poetry, "group").items()
                if isinstance(value, dict) and value.get("optional") is True
            }
            return tuple(name for name in groups if name not in optional)
        chosen = uv.get("default-groups", ["dev"])
        if chosen == "all":
            return tuple(groups)
        if not isinstance(chosen, list):
            self.complete = False
            return ()
        return tuple(normal_name(one) for one in chosen if isinstance(one, str))

    def poetry_table(self, owner: Mapping[str, Any], key: str, prefix: str = "tool.poetry") -> tuple[Requirement, ...]:
        """`[tool.poetry.dependencies]` and its like: a table from names to versions or settings."""
        found: list[Requirement] = []
        for name, value in _table(owner, key).items():
            if normal_name(name) == "python":
                continue
            entries = value if isinstance(value, list) else [value]
            found.extend(self.poetry_entry(name, one, f"{prefix}.{key}") for one in entries)
        return tuple(found)

    def poetry_entry(self, name: str, value: object, table: str) -> Requirement:
        settings = value if isinstance(value, dict) else {"version": value}
        version = settings.get("version", "")
        specifier = specifier_of(version) if isinstance(version, str) else None
        extras = settings.get("extras", [])
        marker = settings.get("markers")
        if "python" in settings and marker is None:
            marker = "python_version == 'unknown'"  # never certain: this way of writing is not read
        platform = settings.get("platform")
        if isinstance(platform, str) and marker is None:  # poetry-core makes the same of it
            marker = f"sys_platform == '{platform}'"
        folder = settings.get("path")
        region = self.places.table(f"{table}.{name}")
        span = self.places.key_span(table, name) if region is None else self.places.header_span(region[0])
        return Requirement(
            name=normal_name(name),
            extras=frozenset(normal_name(one) for one in extras if isinstance(one, str))
            if isinstance(extras, list)
            else frozenset(),
            specifier=specifier or "",
            marker=marker if isinstance(marker, str) else None,
            direct=any(key in settings for key in ("git", "path", "url", "file")),
            span=span,
            place=folder if isinstance(folder, str) else None,
        )

    def poetry_extras(
        self, poetry: Mapping[str, Any], optional: list[Requirement]
    ) -> dict[str, tuple[Requirement, ...]]:
        found: dict[str, tuple[Requirement, ...]] = {}
        for name, value in _table(poetry, "extras").items():
            names = {normal_name(one) for one in value if isinstance(one, str)} if isinstance(value, list) else set()
            found[normal_name(name)] = tuple(one for one in optional if one.name in names)
        return found

    def python(self, project: Mapping[str, Any], poetry: Mapping[str, Any]) -> PythonBound | None:
        """The Python versions that the project allows."""
        text = project.get("requires-python")
        if isinstance(text, str):
            region = self.places.key("project", "requires-python")
            return PythonBound(text, text, "requires-python", self.places.string(text, region))
        text = _table(poetry, "dependencies").get("python")
        if isinstance(text, dict):
            text = text.get("version")
        specifier = specifier_of(text) if isinstance(text, str) else None
        if not isinstance(text, str) or specifier is None:
            return None
        region = self.places.key("tool.poetry.dependencies", "python")
        return PythonBound(specifier, text, "python", self.places.string(text, region))


def _dependency_files(tool: Mapping[str, Any]) -> tuple[str, ...]:
    """`[tool.setuptools.dynamic] dependencies = { file = ["requirements.txt"] }`."""
    files = _table(_table(_table(tool, "setuptools"), "dynamic"), "dependencies").get("file", [])
    listed = [files] if isinstance(files, str) else files if isinstance(files, list) else []
    return tuple(one for one in listed if isinstance(one, str))


def _parts(name: object, poetry: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """What Poetry makes the project itself of (poetry-core's `Module`): what `packages` lists, else a package or a
    module of the project's name, also in `src`; empty when that cannot be told.
    """
    packages = poetry.get("packages")
    if not isinstance(name, str) or "build" in poetry or poetry.get("package-mode") is False:
        return ()
    if not packages:
        module = normal_name(name).replace("-", "_")
        return ((module, f"{module}.py", f"src/{module}", f"src/{module}.py"),)
    found: list[tuple[str, ...]] = []
    for one in packages if isinstance(packages, list) else ():
        include, folder = (one.get("include"), one.get("from", "")) if isinstance(one, dict) else (None, None)
        if not isinstance(include, str) or not isinstance(folder, str) or any(each in include for each in "*?["):
            return ()
        path = "/".join(part for part in (*folder.split("/"), *include.split("/")) if part not in ("", "."))
        if not path or ".." in path.split("/"):
            return ()
        found.append((path,))
    return tuple(found)


def _table(owner: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = owner.get(key)
    return value if isinstance(value, dict) else {}
