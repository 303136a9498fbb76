"""The name of an image, taken apart: registry, repository, tag and digest, and what they say of its owner and age."""

from __future__ import annotations

from functools import lru_cache

from dockerlint_fastapi.data import table, words
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

# A word of a tag that is a date, or a part of one: 20240102, 2024.09, 07.
DATE = pattern(r"(20[0-9]{6}|20[0-9]{2}|[01][0-9]|[0-3][0-9])(\.[0-9]+)?\Z")

_MINOR = pattern(r"v?[0-9]+\.[0-9]")
_ALPINE = pattern(r"alpine[0-9.]*\Z")

# The grammar of distribution/reference, with upper case let through: Docker refuses it, other readers need not.
_COMPONENT = r"[A-Za-z0-9]+(?:(?:\.|__?|-+)[A-Za-z0-9]+)*"
_REFERENCE = pattern(
    r"(?:(?P<host>(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|localhost)(?::[0-9]+)?|[A-Za-z0-9-]+:[0-9]+)/)?"
    rf"(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z"
)


class Reference(NamedTuple):
    """An image's name, taken apart.

    `repository` is without registry for Docker Hub (and its mirrors), and without `library/`:
    `docker.io/library/python:3.12` and `python:3.12` are the same. So is an official name behind `library/` in any
    other registry, or in a folder called after Docker Hub (`mirror_folders`), which hands on what that has, or keeps a
    copy of it; and so is one in the namespace of an architecture, `arm64v8/python` (`architectures`).
    Everything but the tag is lower case.
    """

    text: str
    registry: str  # "docker.io" where none is written
    repository: str
    tag: str | None  # None when none is written: Docker takes `latest`, unless there is a digest
    digest: str | None

    @staticmethod
    def parse(text: str) -> Reference | None:
        """The reference that `text` is, or None when it is none (a variable that is left, a stray character)."""
        return _parsed(text)

    @property
    def name(self) -> str:
        """The last part of the repository: `postgres` for `registry.example/mirror/postgres`."""
        return self.repository.rpartition("/")[2]

    @property
    def full_repository(self) -> str:
        """The repository with its registry, unless that is Docker Hub."""
        return self.repository if self.registry == "docker.io" else f"{self.registry}/{self.repository}"

    @property
    def moving(self) -> bool:
        """It names no version: no tag or `latest`, and no digest."""
        return self.digest is None and self.tag in (None, "latest")

    @property
    def drift(self) -> str | None:
        """How the image behind the name changes by itself: `latest`, whatever is newest; `series`, a tag that moves on
        to new versions (`python:3`, `python:slim`, `nginx:stable`). None for a version or a digest, or when it cannot
        be told.
        """
        return _drift(self)

    @property
    def is_versionless(self) -> bool:
        """Whether its tag only chooses a variant of what is newest: `nginx:alpine`, and no channel such as `stable`."""
        parts = (self.tag or "").lower().split("-")
        return self.tag is not None and self.drift == "series" and words("image_names", "moving").isdisjoint(parts)

    @property
    def namespace(self) -> str:
        """Who it belongs to: the repository with its registry without the last part; "" for an official image."""
        return self.full_repository.rpartition("/")[0]

    @property
    def is_local(self) -> bool:
        """Whether it can only be a name that somebody gave to an image of their own: Docker Hub has nothing but
        official images under names of one word.
        """
        if self.registry == "docker.io":
            return "/" not in self.repository and self.repository not in words("image_names", "official")
        return self.registry.partition(":")[0] == "localhost"

    @property
    def is_admin_tool(self) -> bool:
        """Whether it is a page to look into a database, a queue or a mailbox, which nothing else depends on."""
        return self.name in words("service_images", "admin")

    @property
    def is_run_by_hand(self) -> bool:
        """Whether it is a tool that does one thing and ends, or that tests others, of which the newest is wanted."""
        return self.name in words("service_images", "run_by_hand")

    @property
    def is_public(self) -> bool:
        """Whether it is a well-known product of others: an official image, or one of a publisher of such."""
        if self.registry == "docker.io" and "/" not in self.repository:
            return not self.is_local
        publishers = words("image_names", "publishers")
        return any(one in publishers for one in (self.namespace, self.registry, self.namespace.partition("/")[0]))


@lru_cache(maxsize=1024)  # asked again and again for each stage
def _parsed(text: str) -> Reference | None:
    match = _REFERENCE.match(text)
    if match is None:
        return None
    registry = (match["host"] or "docker.io").lower()
    name = match["path"].lower()
    for mirror in table("base_images")["mirrors"]:
        host, _, prefix = mirror.partition("/")
        if registry == host and name.startswith(f"{prefix}/" if prefix else ""):
            registry, name = "docker.io", name.removeprefix(f"{prefix}/")
            break
    if registry != "docker.io" and "/" in name:
        folder, _, last = name.rpartition("/")
        mirrored = f"/{folder}".endswith(tuple(f"/{one}" for one in table("base_images")["mirror_folders"]))
        if mirrored and last in words("image_names", "official"):
            registry, name = "docker.io", last
    if registry == "docker.io":
        name = name.removeprefix("library/")
        folder, _, last = name.partition("/")
        if last and folder in table("base_images")["architectures"] and last in words("image_names", "official"):
            name = last
    return Reference(text, registry, name, match["tag"], match["digest"])


@lru_cache(maxsize=1024)
def _drift(reference: Reference) -> str | None:
    if reference.moving:
        unversioned = tuple(f"{one}/" for one in words("image_names", "unversioned"))
        return "series" if reference.full_repository.startswith(unversioned) else "latest"
    if reference.digest is not None or reference.tag is None:
        return None
    parts = reference.tag.lower().split("-")
    if "latest" in parts:  # `latest-gpu` is as new as `latest`; `latest-pg16` stays with a version of something
        return "series" if any(sign.isdecimal() for sign in reference.tag) else "latest"
    if reference.full_repository in words("image_names", "minor_versions"):
        return "series" if not _MINOR.match(parts[0]) and not DATE.match(parts[0]) else None
    silent = words("image_names", "moving") | {"slim"}
    if reference.full_repository not in words("image_names", "distributions"):
        silent |= words("image_names", "variants")
    return "series" if all(part in silent or _ALPINE.match(part) for part in parts) else None
