"""What comes along with a requirement: by a lock file exactly, else by the table of what distributions need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.install.distributions import Distribution, Distributions, Doubt
from dockerlint_fastapi.model.install.manifest import Lock, Locked, Requirement
from dockerlint_fastapi.parsers.manifests.requirement import allows, marker_holds
from dockerlint_fastapi.record import NamedTuple

# What others bring and hardly anybody writes down.
_NEVER_ASKED = frozenset(
    "annotated-types anyio certifi cffi charset-normalizer click colorama h11 httpcore idna markupsafe pycparser"
    " pydantic-core six sniffio typing-extensions typing-inspection urllib3".split()
)
_ENOUGH = 6


class _Table(NamedTuple):
    followed: frozenset[str]
    plain: frozenset[str]  # bring none of these
    brings: Mapping[str, str]  # `name` or `name[extra]` -> names that it brings, `?` behind those that it may bring
    older: Mapping[str, tuple[Mapping[str, str], ...]]


@cache
def _known() -> _Table:
    facts = table("distributions")
    lines = (line.partition(": ") for line in facts["brings"].splitlines())
    brings = {name: brought for name, _, brought in lines if brought}
    older: dict[str, tuple[Mapping[str, str], ...]] = {}
    for one in facts["older"]:
        older[one["name"]] = (*older.get(one["name"], ()), one)
    return _Table(frozenset(facts["followed"].split()), frozenset(facts["plain"].split()), brings, older)


def _needs(key: str, specifier: str) -> str | None:
    """What the table says that a distribution (or one of its extras) brings; None when it does not know it."""
    known = _known()
    for one in known.older.get(key, ()):
        if _is_older(one, specifier):
            return one["brings"]
    if key in known.brings:
        return known.brings[key]
    return "" if key in known.plain else None


def _is_older(entry: Mapping[str, str], specifier: str) -> bool:
    """Whether the newest version that a specifier allows is one of the entry's."""
    if not re.search(r"<|==|~=", specifier):
        return False  # no upper bound: the newest there is
    pinned = re.fullmatch(r"===?\s*([0-9][0-9A-Za-z.]*)", specifier)
    if pinned:
        return pinned[1] in entry["versions"].split()
    if allows(specifier, "99999") is not False:
        return False
    if any(allows(specifier, one) for one in entry["newer"].split()):
        return False
    return any(allows(specifier, one) for one in entry["versions"].split())


def closure(
    requirements: Iterable[Requirement],
    python: str | None,
    *,
    constraints: Mapping[str, str] | None = None,
    dependencies: bool = True,
) -> Distributions:
    """The requirements with what they bring, as far as the table goes; one that it does not know may bring anything."""
    found: dict[str, Distribution] = {}
    possible: set[str] = set()
    doubts: list[Doubt] = []
    for one in requirements:
        holds = marker_holds(one.marker, python)
        if holds is False:
            continue
        specifier = ",".join(part for part in (one.specifier, (constraints or {}).get(one.name, "")) if part)
        version = one._replace(specifier=specifier).version
        own = Distribution(one.name, version, specifier, one.extras, one.span)
        _add(found, possible, own, certain=holds is True)
        if not dependencies:
            continue
        keys = [one.name, *(f"{one.name}[{extra}]" for extra in sorted(one.extras))]
        needs = [None if one.direct else _needs(key, specifier) for key in keys]
        for need in needs:
            if need is None:
                continue
            for word in need.split():
                name = word.rstrip("?")
                brought = Distribution(name, None, "", frozenset(), one.span, one.name)
                _add(found, possible, brought, certain=holds is True and not word.endswith("?"))
        if None in needs:
            unknown = keys[needs.index(None)]
            of_index = None if one.direct else one.name
            doubts.append(Doubt(f"what `{unknown}` brings is not known", one.span, of_index, one.frozen))
    possible.difference_update(found)
    return Distributions(found, possible=possible, doubts=doubts, followed=_known().followed if dependencies else None)


def with_frozen(requirements: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    """The entries of a file, with those marked that `pip freeze` has written beside all that they bring.

    Such a file has an exact version on each line and nothing else, is sorted, and holds what nobody asks for by name
    and what the distributions of the table bring. What somebody has put in by hand is out of order, or at the end.
    """
    names = {one.name for one in requirements}
    if len(names & _NEVER_ASKED) < _ENOUGH or not all(
        one.version is not None and one.marker is None and not one.extras for one in requirements
    ):
        return requirements
    for one in requirements:
        brought = (_needs(one.name, one.specifier) or "").split()
        if any(not word.endswith("?") and word not in names for word in brought):
            return requirements
    ordered = {
        one.name
        for before, one, behind in zip(requirements, requirements[1:], requirements[2:], strict=False)
        if before.name < one.name < behind.name
    }
    if len(ordered) < len(requirements) * 2 // 3:
        return requirements
    return tuple(one._replace(frozen=one.name in ordered) for one in requirements)


def _add(found: dict[str, Distribution], possible: set[str], one: Distribution, *, certain: bool) -> None:
    if not certain:
        possible.add(one.name)
        return
    there = found.get(one.name)
    if there is None or (there.via is not None and one.via is None):
        found[one.name] = one if there is None else one._replace(extras=one.extras | there.extras)
    elif one.extras - there.extras:
        found[one.name] = there._replace(extras=there.extras | one.extras)


def locked_closure(lock: Lock, roots: Iterable[Requirement], python: str | None) -> Distributions:
    """The roots with everything that a lock file says that they need."""
    found: dict[str, Distribution] = {}
    possible: set[str] = set()
    doubts: list[Doubt] = []
    seen: dict[tuple[str, frozenset[str]], bool] = {}
    waiting: list[tuple[Requirement, bool, str | None]] = [(one, True, None) for one in roots]
    while waiting:
        one, certain, via = waiting.pop()
        holds = marker_holds(one.marker, python)
        if holds is False:
            continue
        certain = certain and holds is True
        before = seen.get((one.name, one.extras))
        if before is True or (before is False and not certain):
            continue
        seen[one.name, one.extras] = certain
        entries = _entries(lock, one, python)
        if not entries:
            possible.add(one.name)
            doubts.append(Doubt(f"the lock file has no `{one.name}`", one.span))
            continue
        for entry in entries:
            sure = certain and len(entries) == 1
            span = one.span if via is None else entry.span
            own = Distribution(one.name, entry.version if len(entries) == 1 else None, "", one.extras, span, via)
            _add(found, possible, own, certain=certain)
            waiting += [(need, sure, one.name) for need in entry.dependencies]
            for extra in one.extras:
                waiting += [(need, sure, one.name) for need in entry.extras.get(extra, ())]
    possible.difference_update(found)
    return Distributions(found, possible=possible, doubts=doubts)


def _entries(lock: Lock, one: Requirement, python: str | None) -> list[Locked]:
    """The entries that a requirement may mean: a lock file may hold several versions for different platforms."""
    entries = [entry for entry in lock.packages.get(one.name, ()) if marker_holds(entry.marker, python) is not False]
    if len(entries) > 1 and one.specifier:
        fitting = [entry for entry in entries if entry.version and allows(one.specifier, entry.version)]
        return fitting or entries
    return entries


def listed(requirements: Iterable[Requirement], python: str | None) -> Distributions:
    """Exactly the requirements, as a flat lock file lists them."""
    found: dict[str, Distribution] = {}
    possible: set[str] = set()
    for one in requirements:
        holds = marker_holds(one.marker, python)
        if holds is not False:
            own = Distribution(one.name, one.version, one.specifier, one.extras, one.span)
            _add(found, possible, own, certain=holds is True)
    possible.difference_update(found)
    return Distributions(found, possible=possible)
