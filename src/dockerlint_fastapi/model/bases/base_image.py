"""Base images: what is known of the image that a reference names. Nothing is said of unknown images."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dockerlint_fastapi.data import table, words
from dockerlint_fastapi.model.bases.reference import DATE, Reference
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["BaseImage", "Reference", "base_image"]


class BaseImage:
    """What is known of an image. Whatever cannot be told is None."""

    __slots__ = (
        "_complete",
        "_has",
        "_lacks",
        "_layers",
        "_maybe",
        "cmd",
        "conda",
        "deprecated",
        "distribution",
        "ended",
        "entrypoint",
        "environment",
        "family",
        "healthcheck",
        "port",
        "python",
        "python_version",
        "reference",
        "release",
        "server",
        "shell",
        "user",
        "variant",
    )

    def __init__(self, reference: Reference, facts: Mapping[str, Any], tag: _Tag) -> None:
        self.reference = reference
        self.family: str = facts["family"]  # python, uv, debian, ubuntu, alpine, distroless, node, tiangolo, …
        self.variant = tag.variant  # full, slim, alpine, binary, …; a key of the table's layers
        self.distribution = tag.distribution  # debian, ubuntu, alpine
        self.release = tag.release  # bookworm, 3.23, 24.04
        self.python_version = tag.python  # as far as the tag says: "3.12", "3.12.4", "3"
        self.healthcheck: bool | None = facts.get("healthcheck")  # whether the image has a HEALTHCHECK of its own
        self.cmd: tuple[str, ...] | None = _words(facts.get("cmd"))
        self.entrypoint: tuple[str, ...] | None = _words(facts.get("entrypoint"))
        self.environment: Mapping[str, str] = facts.get(
            "environment", {}
        )  # settings that matter to servers and installers
        self.server: str | None = facts.get("server")  # the server that the image's own CMD starts
        self.port: int | None = facts.get("port")  # where that server listens unless it is told otherwise
        self.user: str | None = facts.get("user")
        self.conda: str | None = facts.get("conda")  # the folder of conda's base environment
        self.deprecated: bool = facts.get("deprecated", False)  # its author advises against it
        # Nothing is built for this tag any more.
        self.ended = self.deprecated and re.search(facts["ended_tags"], reference.tag or "") is not None
        layers = facts.get("layers", {}).get(tag.variant) if tag.variant else None
        self._layers: tuple[str, ...] = tuple(layers or ())
        contents = [table("base_images")["contents"][layer] for layer in self._layers]
        self._has = _programs(self._layers, "has")
        self._maybe = _programs(self._layers, "maybe")
        self._lacks = frozenset() if tag.old else _programs(self._layers, "lacks")
        self._complete = bool(contents) and not tag.old and all(content.get("complete", True) for content in contents)
        self.shell: str | None = next((content["shell"] for content in contents if "shell" in content), None)
        self.python: bool | None = facts.get("python")
        if self.python is None and any(layer.endswith("python") for layer in self._layers):
            self.python = True
        if tag.variant == "binary":
            self.python = False
            self.cmd, self.entrypoint = (), ("/uv",)
        if tag.foreign and not facts.get("every_tag", False):
            self.user = self.cmd = self.entrypoint = None
        elif self.family == "distroless":
            self.user = "nonroot" if reference.tag and "nonroot" in reference.tag else "root"
            if self.python_version:
                self.entrypoint, self.cmd = (f"/usr/bin/python{self.python_version}",), ()

    def __repr__(self) -> str:
        return f"BaseImage({self.reference.text!r}, {self.family}, {self.variant})"

    def contains(self, program: str) -> bool | None:
        """Whether the image itself has the program; None when that is not known."""
        if program in self._has:
            return True
        if self.python and re.match(r"(python|pip|pydoc|idle)[0-9]", program):
            version = ".".join((self.python_version or "").split(".")[:2])
            return True if "." in version and program in (f"python{version}", f"pip{version}") else None
        if program in self._maybe:
            return None
        return False if self._complete or program in self._lacks else None

    def has_package(self, name: str) -> bool | None:
        """Whether a Debian package is in the image, for the images made of Debian packages; else None."""
        if self.distribution != "debian" or self._layers[:1] != ("debian",):
            return None
        sets = ["debian"]
        sets += [
            packages
            for layer, packages in (("buildpack-curl", "curl"), ("buildpack-scm", "scm"), ("buildpack", "full"))
            if layer in self._layers
        ]
        if "slim-python" in self._layers:
            sets.append("slim-python")
        if any(name in words("debian_packages", one, "always") for one in sets):
            return True
        if any(name in words("debian_packages", one, "sometimes") for one in sets):
            return None
        known = {"debian", "buildpack-curl", "buildpack-scm", "buildpack", "slim-python", "python", "uv"}
        # Libraries carry their version in their name, so that only the two releases of the table are certain.
        return False if known.issuperset(self._layers) and self.release in (None, "bookworm", "trixie") else None


def _words(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


@cache
def _programs(layers: tuple[str, ...], key: str) -> frozenset[str]:
    contents = table("base_images")["contents"]
    return frozenset(program for layer in layers for program in contents[layer].get(key, "").split())


class _Tag(NamedTuple):
    """What a tag says."""

    variant: str | None
    distribution: str | None
    release: str | None
    python: str | None
    old: bool = False  # of a time before the table's lists: nothing is certainly absent
    foreign: bool = False  # it has a word that is not known (`windowsservercore`): another image altogether, perhaps


_VERSION = pattern(r"v?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?t?\Z")
_NUMBERS = pattern(r"[0-9]+(\.[0-9]+)*")
_UNKNOWN = _Tag(None, None, None, None)
_FOREIGN = _UNKNOWN._replace(foreign=True)


@cache
def _images() -> dict[str, Mapping[str, Any]]:
    return {name: facts for facts in table("base_images")["images"] for name in facts["repositories"]}


@lru_cache(maxsize=1024)  # asked again and again for each stage; what it makes never changes
def base_image(reference: Reference | None) -> BaseImage | None:
    """What is known of the image that `reference` names; None when it is not one of the known ones."""
    if reference is None:
        return None
    facts = _images().get(reference.full_repository)
    if facts is None:
        return None
    tag = reference.tag if reference.tag is not None else None if reference.digest else "latest"
    return BaseImage(reference, facts, _UNKNOWN if tag is None else _read_tag(reference, facts, tag))


def _read_tag(reference: Reference, facts: Mapping[str, Any], tag: str) -> _Tag:
    family: str = facts["family"]
    if family == "distroless":
        return _distroless_tag(reference, facts, tag)
    parts = _TagParts()
    for word in tag.lower().split("-"):
        if not parts.take(word, family):
            # A word that is not known (`windowsservercore`, `dhi`, `perl`): the contents are another's.
            return _FOREIGN._replace(python=parts.python)
    return parts.tag(family)


class _TagParts:
    """The words of a tag as they are read, one after the other."""

    __slots__ = ("alpine", "curl", "distribution", "python", "release", "scm", "slim", "version")

    def __init__(self) -> None:
        self.version: str | None = None
        self.python: str | None = None
        self.distribution: str | None = None
        self.release: str | None = None
        self.slim = self.alpine = self.curl = self.scm = False

    def take(self, word: str, family: str) -> bool:
        """Whether the word is understood."""
        numbers = _NUMBERS.match(word.removeprefix("v"))
        if word == "latest":
            return True
        if word == "slim":
            self.slim = True
        elif word.startswith("alpine") and (word == "alpine" or _VERSION.match(word[6:])):
            self.alpine, self.distribution, self.release = True, "alpine", word[6:] or None
        elif word in words("base_images", "debian_releases"):
            self.distribution, self.release = "debian", word
        elif word in words("base_images", "ubuntu_releases"):
            self.distribution, self.release = "ubuntu", word
        elif word.startswith("python") and _VERSION.match(word[6:]):
            self.python = word[6:].removesuffix("t")
        elif word == "debian" and family == "uv":
            self.distribution = "debian"
        elif family == "buildpack-deps" and word in ("curl", "scm"):
            self.curl, self.scm = word == "curl", word == "scm"
        elif word in ("mainline", "stable", "current", "lts", "bullseye", "rolling", "rc") or DATE.match(word):
            self.version = self.version or (numbers[0] if numbers else None)
        elif _VERSION.match(word) and numbers:
            self.version = self.version or numbers[0]
        else:
            return False
        return True

    def tag(self, family: str) -> _Tag:
        """What the words mean together for an image of that family."""
        python = self.python
        distribution, release = self.distribution, self.release
        if family in ("python", "pypy"):
            python = self.version
        if family == "debian":
            release = release or table("base_images")["debian_versions"].get((self.version or "").partition(".")[0])
            distribution = "debian"
        elif family == "alpine":
            distribution, release, self.alpine = "alpine", release or self.version, True
        elif family == "ubuntu":
            distribution, release = "ubuntu", release or self.version
        variant = (
            "alpine-slim" if self.alpine and self.slim else "alpine" if self.alpine else "slim" if self.slim else "full"
        )
        if family == "uv":
            if distribution is None and python is None:
                variant = "binary" if not self.slim else "slim"
            elif python is not None:
                variant = f"python-{variant}"
        elif family == "buildpack-deps":
            variant = "curl" if self.curl else "scm" if self.scm else "full"
        if distribution is None and variant != "binary" and family in _DEBIAN_FAMILIES:
            distribution = "debian"
        return _Tag(variant, distribution, release, python, old=_is_old(release, python))


# Their tags mean Debian where they name no distribution.
_DEBIAN_FAMILIES = frozenset(
    ("python", "pypy", "uv", "node", "nginx", "postgres", "redis", "buildpack-deps", "tiangolo", "miniconda")
)


def _is_old(release: str | None, python: str | None) -> bool:
    """Debian's images of 2017 and before held more (ping, ps); Python before 3.7 was last built on those."""
    if release in ("jessie", "stretch", "wheezy"):
        return True
    major, _, minor = (python or "").partition(".")
    minor = minor.partition(".")[0]
    return release is None and (major == "2" or (major == "3" and minor.isdecimal() and int(minor) < 7))


def _distroless_tag(reference: Reference, facts: Mapping[str, Any], tag: str) -> _Tag:
    words = tag.split("-")
    architectures = {"amd64", "arm64", "arm", "s390x", "ppc64le", "riscv64"}
    if not set(words) <= {"latest", "nonroot", "debug"} | architectures:
        return _FOREIGN
    suffix = reference.repository.rpartition("-")[2]
    number = suffix.removeprefix("debian")
    release = table("base_images")["debian_versions"].get(number) if suffix.startswith("debian") else None
    python = facts.get("python_versions", {}).get(suffix)
    return _Tag("debug" if "debug" in words else "full", "debian", release, python)
