"""One requirement (PEP 508) and the questions that need the `packaging` library: markers and version specifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from dockerlint_fastapi.model.install.manifest import Requirement, normal_name
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

# `packaging` is imported within functions: most manifests are read without it.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_PATCHES = range(26)  # patch releases of Python end at about 20
_CLAUSE = r"(?:==|>=|<=|!=|~=|<|>)\s*[0-9]+(?:\.[0-9]+)*"
_PLAIN = rf"({_NAME})\s*(?:\[\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\])?\s*({_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*\Z"
MINORS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def parse_requirement(text: str, span: Span) -> Requirement | None:
    """The requirement that a text is; None when it is none."""
    text = text.strip()
    plain = re.match(_PLAIN, text) if len(text) < 200 else None
    if plain and not re.search(r"~=\s*[0-9]+(\s*,|\Z)", plain[3] or ""):  # most of them: no need for the library
        return Requirement(
            name=normal_name(plain[1]),
            extras=frozenset(normal_name(one) for one in (plain[2] or "").split(",") if one),
            specifier=re.sub(r"\s+", "", plain[3] or ""),
            marker=None,
            direct=False,
            span=span,
        )
    if len(text) > 5_000 or not text:
        return None
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415
    from packaging.requirements import Requirement as Parsed  # noqa: PLC0415

    try:
        parsed = Parsed(text)
    except (InvalidRequirement, ValueError, RecursionError):
        return None
    return Requirement(
        name=normal_name(parsed.name),
        extras=frozenset(normal_name(one) for one in parsed.extras),
        specifier=str(parsed.specifier),
        marker=str(parsed.marker) if parsed.marker is not None else None,
        direct=parsed.url is not None,
        span=span,
        place=_folder(parsed.url),
    )


def _folder(url: str | None) -> str | None:
    if url is None or not url.startswith("file:"):
        return None
    return url.removeprefix("file://").removeprefix("file:") or None


@lru_cache(maxsize=4096)
def _marker(text: str) -> Marker | None:
    from packaging.markers import InvalidMarker, Marker  # noqa: PLC0415

    try:
        return Marker(text) if len(text) < 20_000 else None
    except (InvalidMarker, ValueError, RecursionError):
        return None


def marker_holds(marker: str | None, python: str | None, extras: Iterable[str] = ()) -> bool | None:
    """Whether a marker holds on Linux under a minor version of CPython (`3.12`, None when unknown), for one of the
    extras asked for; None when that depends on what is not known (the machine, the patch release).
    """
    if marker is None:
        return True
    return _marker_holds(marker, python, frozenset(extras))


@lru_cache(maxsize=4096)
def _marker_holds(marker: str, python: str | None, extras: frozenset[str]) -> bool | None:
    parsed = _marker(marker)
    if parsed is None:
        return None
    answers: set[bool] = set()
    wanted = ("", *sorted(extras)) if "extra" in marker else ("",)
    for minor in (python,) if python is not None else MINORS:
        # the patch release matters only where the marker asks for it
        for patch in ("0", "99") if "full_version" in marker or "implementation_version" in marker else ("0",):
            for machine in ("x86_64", "aarch64") if "machine" in marker else ("x86_64",):
                environment = {
                    "implementation_name": "cpython",
                    "implementation_version": f"{minor}.{patch}",
                    "os_name": "posix",
                    "platform_machine": machine,
                    "platform_python_implementation": "CPython",
                    "platform_release": "",
                    "platform_system": "Linux",
                    "platform_version": "",
                    "python_full_version": f"{minor}.{patch}",
                    "python_version": minor,
                    "sys_platform": "linux",
                }
                try:
                    answers.add(any(parsed.evaluate({**environment, "extra": extra}) for extra in wanted))
                except Exception:  # noqa: BLE001 - a comparison that the library refuses, in whatever way
                    return None
    if "platform_release" in marker or "platform_version" in marker:
        return None
    return answers.pop() if len(answers) == 1 else None


@lru_cache(maxsize=1024)
def _specifiers(text: str) -> SpecifierSet | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415

    try:
        return SpecifierSet(text) if len(text) < 2_000 else None
    except (InvalidSpecifier, ValueError, RecursionError):
        return None


def allows(specifier: str, version: str) -> bool | None:
    """Whether a version specifier allows a version; None when either cannot be read."""
    if not specifier.strip():
        return True
    parsed = _specifiers(specifier)
    if parsed is None:
        return None
    try:
        return parsed.contains(version, prereleases=True)
    except Exception:  # noqa: BLE001 - a version that is none
        return None


def allows_minor(specifier: str, minor: str, patches: range = _PATCHES) -> bool | None:
    """Whether a specifier allows some release of a minor version of Python (`3.12`), of those that may be meant; None
    when it cannot be read, or when it allows some of them and not others.
    """
    parsed = _specifiers(specifier)
    if parsed is None:
        return None
    # A bound in between depends on which one an image has.
    answers = {allows(specifier, f"{minor}.{patch}") for patch in patches}
    answers.discard(None)
    return answers.pop() if len(answers) == 1 else None
