"""What a Debian package brings along when it is installed: what it depends on, and what it recommends."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache

from dockerlint_fastapi.data import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.step import Package, Step


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


def lacks_headers(image: Image, step: Step) -> Package | None:
    """The `gcc` of a step without recommendations that certainly none of its image's packages gives C's headers: those
    of `libc6-dev` are only recommended, and nothing that includes one can be compiled. None when it installs none.
    """
    gcc = next((one for one in step.packages if one.name == "gcc"), None)
    if gcc is None or (image.base is not None and image.base.has_package("libc6-dev")):
        return None
    named = {one.name for _, other in image.steps for one in other.packages if one.name}
    return None if {"libc6-dev", "libc-dev"} & (named | dependencies(named)) else gcc


@cache
def _depends() -> dict[str, frozenset[str]]:
    return {name: frozenset(others.split()) for name, others in table("debian_relations")["depends"].items()}
