"""What a Debian package brings along when it is installed: what it depends on, and what it recommends."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cache

from dockerlint_fastapi.data import table
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.step import Package, Step


_KEYS = frozenset(("gpg-agent", "gnupg", "gnupg2"))
_PPA = r"add-apt-repository\b[^\n]*\bppa:"


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


class Companion(NamedTuple):
    """What a package of a step hardly works without, and only recommends; `why` says what it is for."""

    package: Package
    name: str
    why: str


def companions(image: Image, step: Step) -> tuple[Companion, ...] | None:
    """What the packages of a step certainly lack without recommendations; None where it depends on the release, and
    that is not known.
    """
    facts = table("debian_relations")
    named = image.named_packages
    found: dict[str, Companion] = {}
    for package in step.packages:
        why = facts["companions"].get(package.name)
        if package.name in facts["split"] and facts["split"][package.name][0] not in named:
            *why, since, last = facts["split"][package.name]
            release = image.base.release if image.base is not None else None
            if release not in (since, last):
                return None
            why = why if release == since else None
        if why is not None and why[0] not in named and (image.base is None or not image.base.has_package(why[0])):
            found.setdefault(why[0], Companion(package, *why))
    for package in step.packages:
        # add-apt-repository has gpg read the key of a ppa, which asks the agent (Ubuntu 20.04 and 22.04: exit code 2)
        adds = package.name == "software-properties-common" and _KEYS.isdisjoint(named)
        if adds and re.search(_PPA, image.dockerfile.source.text) is not None:
            found["gpg-agent"] = Companion(package, "gpg-agent", "without which the key of a `ppa:` is not read")
    compiler = lacks_headers(image, step)
    if compiler is not None:
        found["libc6-dev"] = Companion(compiler, "libc6-dev", "the headers of C")
    return tuple(found.values())


def lacks_headers(image: Image, step: Step) -> Package | None:
    """The `gcc` of a step without recommendations that certainly none of its image's packages gives C's headers: those
    of `libc6-dev` are only recommended, and nothing that includes one can be compiled. None when it installs none.
    """
    gcc = next((one for one in step.packages if one.name == "gcc"), None)
    if gcc is None or (image.base is not None and image.base.has_package("libc6-dev")):
        return None
    return None if {"libc6-dev", "libc-dev"} & image.named_packages else gcc


@cache
def _depends() -> dict[str, frozenset[str]]:
    return {name: frozenset(others.split()) for name, others in table("debian_relations")["depends"].items()}
