"""Which compose files are used together, and what for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dockerlint_fastapi.model.compose import DEFAULT_NAMES, OVERRIDE_NAMES, ComposeFile, Service
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.evidence import PROFILES, Evidence, setting_of_name, setting_of_path
from dockerlint_fastapi.tree import parent

SETTING_VARIABLES = ("FASTAPI_ENV", "ENVIRONMENT", "APP_ENV", "ENV")


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
    made = [
        _deployment(chosen, setting, whole=whole, load=load)
        for folder in folders.values()
        for chosen, setting, whole in _sets(folder)
    ]
    # What another set takes in by `include` or `extends` is a part: what it lacks, the other may give.
    parts = {file for one in made for file in one.merged.files if file not in one.files}
    for one in made:
        one.whole = one.whole and parts.isdisjoint(one.files)
    yield from made


def _sets(folder: dict[str, ComposeFile]) -> Iterator[tuple[list[ComposeFile], str, bool]]:
    """The files of each set in one folder, its setting, and whether the set is whole."""
    base = next((folder[name] for name in DEFAULT_NAMES if name in folder), None)
    override = next((folder[name] for name in OVERRIDE_NAMES if name in folder), None)
    others = [file for name, file in folder.items() if file is not base and name not in OVERRIDE_NAMES]
    overlaid = replaced = False
    for file in others:
        setting = setting_of_path(file.source.path) or "base"
        complete = is_complete(file)
        if setting == "production" and base is not None:
            overlaid = overlaid or not complete
            replaced = replaced or complete
        yield [file] if complete or base is None else [base, file], setting, complete or base is not None
    if override is not None:
        yield [override] if base is None else [base, override], "development", base is not None
    # Under a production overlay the base is never used alone, except for development with the override.
    if base is not None and not overlaid:
        setting = setting_of_path(base.source.path) or ("development" if replaced else "base")
        yield [base], setting, True


def is_complete(file: ComposeFile) -> bool:
    """Whether each service says what it runs, so that the file can be used alone."""
    return all(
        any(service.node(key) is not None for key in ("image", "build", "extends", "provider"))
        for service in file.services.values()
    )


def _deployment(
    files: list[ComposeFile], setting: str, *, whole: bool, load: Callable[[str], ComposeFile | None]
) -> Deployment:
    from dockerlint_fastapi.parsers.compose.merge import merge_files  # noqa: PLC0415 - YAML only when there is some

    merged = merge_files(files, load)

    def development_of(service: Service) -> Evidence | None:
        if setting == "development":
            return Evidence(f"`{files[-1].source.path}` is for development", files[-1].span)
        return None if setting == "production" else development_of_service(service)

    return Deployment(files, merged, setting, development_of, whole=whole and not merged.incomplete)


def development_of_service(service: Service) -> Evidence | None:
    """Why one service of a file that names no setting is for development: its profiles, its target, its environment."""
    profiles = [profile.value or "" for profile in service.profiles]
    if profiles and all(profile in PROFILES for profile in profiles):
        return Evidence(f"its profiles are {', '.join(profiles)}", service.span)
    target = service.build.target if service.build else None
    if target is not None and setting_of_name(target.value or target.default or "") == "development":
        return Evidence(f"its build target is `{target.text}`", target.span)
    for variable in service.environment:
        value = variable.value or ""
        if variable.name in SETTING_VARIABLES and setting_of_name(value) == "development":
            return Evidence(f"`{variable.name}` is `{value}`", variable.span)
    return None
