"""Lock files that do not fit the manifest beside them, and whose install therefore stops."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.failing import is_rewritten, stops_build
from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Installation
    from dockerlint_fastapi.model.install.failing import Rewrites
    from dockerlint_fastapi.model.install.locks import LockUse
    from dockerlint_fastapi.model.install.manifest import ProjectFile, Requirement
    from dockerlint_fastapi.model.project import Project

# What a lock file of each kind says of itself, and how it begins the entry of a distribution, as the tools write both.
_ENTRY = r"(?m)^\[\[package\]\]\r?\nname = \"([^\"\n]+)\"\r?\n(?:version = \"([^\"\n]+)\")?"
_WRITTEN = {
    "poetry.lock": (r"(?m)^content-hash = \"", _ENTRY),
    "uv.lock": (r"(?m)^version = [0-9]", _ENTRY),
    "pdm.lock": (r"(?m)^content_hash = \"", _ENTRY),
    "Pipfile.lock": (r"\"pipfile-spec\": [0-9]", r"(?m)^ {8}\"([A-Za-z0-9][A-Za-z0-9._-]*)\": \{()"),
}
# What holds a step to the lock file in such a way that it stops; Poetry always does.
_STRICT = {"uv": ("--locked", "UV_LOCKED"), "pipenv": ("--deploy", "PIPENV_DEPLOY"), "pdm": ("--check", "")}
_OFF = frozenset(("", "0", "false", "no", "off", "n", "f"))
# uv locks what these say in place of what the projects ask for.
_REPLACING = r"\b(?:override|exclude|constraint)-dependencies\b|\bdependency-metadata\b"
_MOST_CHARACTERS = 200_000  # of a recipe
_RENEWS = r"\b(?:poetry|uv|pdm|pipenv)[ \t]+lock\b(?![^\n]*[ \t]--(?:check|locked|dry-run)\b)"
_BUILDS = r"\bdocker[- ]compose\b[^\n]*[ \t](?:build|up)\b|\bdocker\b[^\n]*[ \t]build\b|\bdocker/build-push-action@"
_CLAUSE = r"(>=|<=|==|!=|<|>)\s*([0-9]{1,9}(?:\.[0-9]{1,9}){0,5})"
_VERSION = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}"


class OutdatedLock(NamedTuple):
    """A lock file that has not what its manifest asks for: `missing` are distributions that are not in it, `refused`
    those whose locked version, which stands with them, the manifest does not allow.
    """

    use: LockUse
    missing: tuple[Requirement, ...]
    refused: tuple[tuple[Requirement, str], ...]

    @property
    def first(self) -> Requirement:
        """The first of them."""
        return self.missing[0] if self.missing else self.refused[0][0]


def outdated_locks(image: Image) -> Iterator[OutdatedLock]:
    """The steps of an image, and of the stages that it copies from, that stop at the lock file which they find."""
    rewrites: Rewrites = {}
    uses = image.lock_uses
    renewed = bool(uses) and bool(image.project.index.answer(_are_renewed))
    for use in uses if not renewed else ():
        one, lock = use.installation, use.lock
        if lock is None or lock.path is None or use.fallback or not use.held or use.name not in _WRITTEN:
            continue
        if len(one.projects) != 1 or not one.projects[0].complete or not _is_strict(one):
            continue
        sign, entry = _WRITTEN[use.name]
        if re.search(sign, lock.text) is None or not stops_build(one.run, one.step):
            continue
        if is_rewritten(one, rewrites) or not _reads_dependencies(image, use):
            continue
        locked: dict[str, list[str]] = {}
        for name, version in re.findall(entry, lock.text):
            locked.setdefault(normal_name(name), []).append(version)
        if use.name == "uv.lock" and one.projects[0].name not in locked:
            continue  # the lock file of another project: uv always writes the project itself into it
        found = _compared(use, one.projects[0], locked)
        if found.missing or found.refused:
            yield found


def _are_renewed(project: Project) -> bool:
    """Whether a workflow or script of the project makes lock files anew and then builds images."""
    for source in project.recipes:
        text = source.text[:_MOST_CHARACTERS]
        found = re.search(_RENEWS, text) if "lock" in text else None
        if found is not None and re.search(_BUILDS, text[found.end() :]):
            return True
    return False


def _compared(use: LockUse, project: ProjectFile, locked: Mapping[str, list[str]]) -> OutdatedLock:
    """The required dependencies of a manifest that its lock file lacks, or has in a version that is not allowed."""
    asked: dict[str, int] = {}
    for one in project.dependencies or ():
        asked[one.name] = asked.get(one.name, 0) + 1
    plain = [
        one
        for one in project.dependencies or ()
        if asked[one.name] == 1 and one.marker is None and not one.direct and one.name != project.name
    ]
    missing = tuple(one for one in plain if one.name not in locked)
    refused = tuple(
        (one, locked[one.name][0])
        for one in plain
        if one.name in locked and all(_refuses(one.specifier, version) for version in locked[one.name])
    )
    return OutdatedLock(use, missing, refused)


def _is_strict(one: Installation) -> bool:
    """Whether the step stops at a lock file that does not fit."""
    step = one.step
    if step.manager == "poetry":
        only = [word for each in step.options if each.name == "--only" for word in (each.value or "").split(",")]
        left_out = [word for each in step.options if each.name == "--without" for word in (each.value or "").split(",")]
        return (not only or "main" in only) and "main" not in left_out and not step.has("--only-root")
    option, variable = _STRICT.get(step.manager, ("", ""))
    if step.has("--frozen", "--ignore-pipfile", "--categories", "--package"):
        return False
    if step.has(option):
        return True
    if variable in step.environment:
        return (step.environment[variable] or "").lower() not in _OFF
    pair = one.stage.variable(variable, before=one.run) if variable else None
    return pair is not None and (pair.value or "").lower() not in _OFF


def _reads_dependencies(image: Image, use: LockUse) -> bool:
    """Whether the installer certainly takes the dependencies from where this program reads them."""
    one = use.installation
    if use.name == "Pipfile.lock" or use.lock is None:
        return True
    placed = one.find(f"{use.lock.place.rpartition('/')[0].rstrip('/')}/pyproject.toml")
    if not isinstance(placed, Placed) or placed.path is None:
        return False
    if use.name == "pdm.lock":
        return True
    if use.name == "uv.lock":
        return one.directory == (use.lock.place.rpartition("/")[0] or "/") and not re.search(_REPLACING, placed.text)
    if re.search(r"(?m)^[ \t]*\[project\]|^project\.", placed.text) is None:
        return True
    from dockerlint_fastapi.model.install.poetry_options import version_at  # noqa: PLC0415 - few lock files are old

    return version_at(image, one.stage, one.run)[0] == 2  # Poetry 1 reads no `[project]`


def _refuses(specifier: str, version: str) -> bool:
    """Whether plain numbers certainly do not allow a plain version: no pre-releases, no patterns, no local versions."""
    if re.fullmatch(_VERSION, version) is None:
        return False
    have = _numbers(version)
    for part in specifier.split(",") if specifier else ():
        clause = re.fullmatch(_CLAUSE, part.strip())
        if clause is None:
            return False
        if not _holds(clause[1], have, _numbers(clause[2])):
            return True
    return False


def _holds(sign: str, have: tuple[int, ...], bound: tuple[int, ...]) -> bool:
    if sign in ("==", "!="):
        return (have == bound) is (sign == "==")
    if sign in (">=", "<="):
        return have >= bound if sign == ">=" else have <= bound
    return have > bound if sign == ">" else have < bound


def _numbers(version: str) -> tuple[int, ...]:
    """A version to compare: zeros at its end mean nothing."""
    found = [int(one) for one in version.split(".")]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
