"""Which compose files are used together, and what for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dockerlint_fastapi.model.compose import DEFAULT_NAMES, OVERRIDE_NAMES, ComposeFile, Service
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.evidence import PROFILES, Evidence, setting_of_name, setting_of_path
from dockerlint_fastapi.tree import parent

SETTING_VARIABLES = ("FASTAPI_ENV", "ENVIRONMENT", "APP_ENV", "ENV")


class _Set(NamedTuple):
    """Files that are used together, what for, whether nothing is missing, and what its first file is for by itself."""

    files: list[ComposeFile]
    setting: str
    whole: bool
    base_setting: str


def deployments_of(files: Iterable[ComposeFile], load: Callable[[str], ComposeFile | None]) -> Iterator[Deployment]:
    """The sets of compose files that are used together, by their names and by whether each is complete.

    A complete file named for production stands alone, and the base file beside it is then for development;
    one that only overlays is judged merged with the base. The automatic override makes a development set.
    """
    folders: dict[str, dict[str, ComposeFile]] = {}
    for file in files:
        if file.services:
            path = file.source.path
            folders.setdefault(parent(path), {})[path.rpartition("/")[2]] = file
    made = [_deployment(chosen, load) for folder in folders.values() for chosen in _sets(folder)]
    # What another set takes in by `include` or `extends` is a part: what it lacks, the other may give.
    parts = {file for one in made for file in one.merged.files if file not in one.files}
    for one in made:
        one.whole = one.whole and parts.isdisjoint(one.files)
    yield from made


def _sets(folder: dict[str, ComposeFile]) -> Iterator[_Set]:
    """The sets of files in one folder that are used together."""
    base = next((folder[name] for name in DEFAULT_NAMES if name in folder), None)
    override = next((folder[name] for name in OVERRIDE_NAMES if name in folder), None)
    others = [file for name, file in folder.items() if file is not base and name not in OVERRIDE_NAMES]
    production = [
        is_complete(file) and not (base is not None and leans_on(file, base))
        for file in others
        if setting_of_path(file.source.path) == "production"
    ]
    overlaid = not all(production)
    replaced = bool(production) and not overlaid
    own = "development" if replaced else "base"
    if base is not None:
        own = setting_of_path(base.source.path) or own
    for file in others:
        setting = setting_of_path(file.source.path) or "base"
        complete = is_complete(file) and not (base is not None and leans_on(file, base))
        if complete or base is None:
            yield _Set([file], setting, complete, "base")
        else:
            yield _Set([base, file], setting, True, own)
    if override is not None:
        yield _Set([override] if base is None else [base, override], "development", base is not None, own)
    # Under a production overlay the base is never used alone, except for development with the override.
    if base is not None and not overlaid:
        yield _Set([base], own, True, own)


def leans_on(file: ComposeFile, base: ComposeFile) -> bool:
    """Whether a file waits for a service that only the base file has, so that Compose would refuse it alone."""
    if file.includes:
        return False  # it may have it from there
    return any(
        dependency.required is not False and dependency.name in base.services and dependency.name not in file.services
        for service in file.services.values()
        for dependency in service.depends_on
    )


def is_complete(file: ComposeFile) -> bool:
    """Whether each service says what it runs, so that the file can be used alone."""
    return all(
        any(service.node(key) is not None for key in ("image", "build", "extends", "provider"))
        for service in file.services.values()
    )


def _deployment(chosen: _Set, load: Callable[[str], ComposeFile | None]) -> Deployment:
    from dockerlint_fastapi.parsers.compose.merge import merge_files  # noqa: PLC0415 - YAML only when there is some

    files, setting = chosen.files, chosen.setting
    merged = merge_files(files, load)

    def development_of(service: Service) -> Evidence | None:
        if setting == "development":
            return Evidence(f"`{files[-1].source.path}` is for development", files[-1].span)
        return None if setting == "production" else development_of_service(service)

    whole = chosen.whole and not merged.incomplete
    return Deployment(files, merged, setting, development_of, whole=whole, base_setting=chosen.base_setting)


def development_of_service(service: Service) -> Evidence | None:
    """Why one service of a file that names no setting is for development: its profiles, its target or
    Dockerfile, its environment.
    """
    profiles = [profile.value or "" for profile in service.profiles]
    if profiles and all(profile in PROFILES for profile in profiles):
        return Evidence(f"its profiles are {', '.join(profiles)}", service.span)
    target = service.build.target if service.build else None
    if target is not None and setting_of_name(target.value or target.default or "") == "development":
        return Evidence(f"its build target is `{target.text}`", target.span)
    dockerfile = service.build.dockerfile if service.build else None
    if dockerfile is not None and setting_of_name((dockerfile.value or "").rpartition("/")[2]) == "development":
        return Evidence(f"it builds `{dockerfile.text}`", dockerfile.span)
    for variable in service.environment:
        value = variable.value or ""
        if variable.name in SETTING_VARIABLES and setting_of_name(value) == "development":
            return Evidence(f"`{variable.name}` is `{value}`", variable.span)
    return None
