"""What a system package is for: the programs that it brings, and whether it is needed to build only."""

from __future__ import annotations

import re
from functools import cache

from dockerlint_fastapi.data import table


@cache
def _provided() -> dict[str, frozenset[str]]:
    return {name: frozenset(programs.split()) for name, programs in table("programs")["packages"].items()}


@cache
def _provided_patterns() -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    return tuple((re.compile(one["name"]), frozenset(one["programs"].split())) for one in table("programs")["patterns"])


def provides(package: str) -> frozenset[str]:
    """The programs that a system package (apt, apk, dnf) puts on PATH, as far as the table goes; empty when it is
    unknown.
    """
    known = _provided().get(package)
    if known is not None:
        return known
    return next((programs for pattern, programs in _provided_patterns() if pattern.fullmatch(package)), frozenset())


@cache
def _build_tools() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str], frozenset[str]]:
    facts = table("build_tools")
    kinds: dict[str, str] = {}
    for key, kind in (
        ("compilers", "compiler"),
        ("build_systems", "build system"),
        ("headers", "headers"),
        ("source_control", "source control"),
    ):
        kinds.update(dict.fromkeys(facts[key].split(), kind))
    not_headers = frozenset(facts["not_headers"].split())
    return kinds, re.compile(facts["compiler_pattern"]), re.compile(facts["header_pattern"]), not_headers


def build_tool(package: str) -> str | None:
    """What a system package is for, when it is needed to build only: `compiler`, `build system`, `headers` or
    `source control`; None for anything else.
    """
    kinds, compiler, header, not_headers = _build_tools()
    kind = kinds.get(package)
    if kind is not None:
        return kind
    if compiler.fullmatch(package):
        return "compiler"
    return "headers" if header.fullmatch(package) and package not in not_headers else None
