"""What a Debian package brings along when it is installed: what it depends on, and what it recommends."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache

from dockerlint_fastapi.data import table


@cache
def _names(key: str) -> frozenset[str]:
    return frozenset(table("debian_relations")[key].split())


def brings_others(package: str) -> bool | None:
    """Whether installing it into Debian's slim image, or Python's, installs others that it depends on; None when that
    is not known.
    """
    return True if package in _names("brings") else False if package in _names("alone") else None


def recommends_nothing(package: str) -> bool:
    """Whether certainly nothing is recommended by it, or by what it depends on, that those images do not have."""
    return package in _names("unaccompanied")


def dependencies(packages: AbstractSet[str]) -> frozenset[str]:
    """What certainly comes with some packages, as far as the table goes: packages that people name beside them."""
    brought = _depends()
    return frozenset().union(*(brought[name] for name in brought.keys() & packages))


@cache
def _depends() -> dict[str, frozenset[str]]:
    return {name: frozenset(others.split()) for name, others in table("debian_relations")["depends"].items()}
