"""Base images: what a reference names, and what is known of the image behind it. Nothing is said of unknown images."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.dockerfile import Add, Command, Copy, From, Run, Stage, Transfer, Workdir
from dockerlint_fastapi.model.install import (
    SYSTEM_MANAGERS,
    Call,
    Step,
    calls_and_steps,
    kept_packages,
    provides,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The grammar of distribution/reference, with upper case let through: Docker refuses it, other readers need not.
_COMPONENT = r"[A-Za-z0-9]+(?:(?:\.|__?|-+)[A-Za-z0-9]+)*"
_REFERENCE = re.compile(
    r"(?:(?P<host>(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|localhost)(?::[0-9]+)?|[A-Za-z0-9-]+:[0-9]+)/)?"
    rf"(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z"
)


class Reference(NamedTuple):
    """An image's name, taken apart.

    `repository` is without registry for Docker Hub (and its mirrors), and without `library/`:
    `docker.io/library/python:3.12` and `python:3.12` are the same. Everything but the tag is lower case.
    """

    text: str
    registry: str  # "docker.io" where none is written
    repository: str
    tag: str | None  # None when none is written: Docker takes `latest`, unless there is a digest
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> Reference | None:
        """The reference that `text` is, or None when it is none (a variable that is left, a stray character)."""
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
        if registry == "docker.io":
            name = name.removeprefix("library/")
        return cls(text, registry, name, match["tag"], match["digest"])

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
        names = table("image_names")
        if self.moving:
            offers = not self.full_repository.startswith(tuple(f"{one}/" for one in names["unversioned"].split()))
            return "latest" if offers else "series"
        if self.digest is not None or self.tag is None:
            return None
        words = self.tag.lower().split("-")
        moving = names["moving"].split()
        if "latest" in words:
            return "series"
        if self.full_repository in names["minor_versions"].split():
            return "series" if not re.match(r"v?[0-9]+\.[0-9]", words[0]) and not _DATE.match(words[0]) else None
        variants = [] if self.full_repository in names["distributions"].split() else names["variants"].split()
        silent = {*moving, *variants, "slim"}
        return "series" if all(word in silent or re.match(r"alpine[0-9.]*\Z", word) for word in words) else None

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
            return "/" not in self.repository and self.repository not in table("image_names")["official"].split()
        return self.registry.partition(":")[0] == "localhost"

    @property
    def is_public(self) -> bool:
        """Whether it is a well-known product of others: an official image, or one of a publisher of such."""
        if self.registry == "docker.io" and "/" not in self.repository:
            return not self.is_local
        publishers = table("image_names")["publishers"].split()
        return any(one in publishers for one in (self.namespace, self.registry, self.namespace.partition("/")[0]))


class BaseImage:
    """What is known of an image. Whatever cannot be told is None."""

    __slots__ = (
        "_complete",
        "_has",
        "_lacks",
        "_layers",
        "_maybe",
        "cmd",
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
        self.deprecated: bool = facts.get("deprecated", False)  # its author advises against it
        # Nothing is built for this tag any more.
        self.ended = self.deprecated and re.search(facts["ended_tags"], reference.tag or "") is not None
        layers = facts.get("layers", {}).get(tag.variant) if tag.variant else None
        self._layers: tuple[str, ...] = tuple(layers or ())
        contents = [table("base_images")["contents"][layer] for layer in self._layers]
        self._has = _programs(contents, "has")
        self._maybe = _programs(contents, "maybe")
        self._lacks = frozenset() if tag.old else _programs(contents, "lacks")
        self._complete = bool(contents) and not tag.old and all(content.get("complete", True) for content in contents)
        self.shell: str | None = next((content["shell"] for content in contents if "shell" in content), None)
        self.python: bool | None = facts.get("python")
        if self.python is None and any(layer.endswith("python") for layer in self._layers):
            self.python = True
        if tag.variant == "binary":
            self.python = False
            self.cmd, self.entrypoint = (), ("/uv",)
        if tag.foreign and self.family != "cuda":  # whatever a tag of those means, it is Linux, and root
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
        facts = table("debian_packages")
        sets = ["debian"]
        sets += [
            packages
            for layer, packages in (("buildpack-curl", "curl"), ("buildpack-scm", "scm"), ("buildpack", "full"))
            if layer in self._layers
        ]
        if "slim-python" in self._layers:
            sets.append("slim-python")
        if any(name in facts[one]["always"].split() for one in sets):
            return True
        if any(name in facts[one]["sometimes"].split() for one in sets):
            return None
        known = {"debian", "buildpack-curl", "buildpack-scm", "buildpack", "slim-python", "python", "uv"}
        # Libraries carry their version in their name, so that only the two releases of the table are certain.
        return False if known.issuperset(self._layers) and self.release in (None, "bookworm", "trixie") else None


def _words(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _programs(contents: Iterable[Mapping[str, Any]], key: str) -> frozenset[str]:
    return frozenset(program for content in contents for program in content.get(key, "").split())


class _Tag(NamedTuple):
    """What a tag says."""

    variant: str | None
    distribution: str | None
    release: str | None
    python: str | None
    old: bool = False  # of a time before the table's lists: nothing is certainly absent
    foreign: bool = False  # it has a word that is not known (`windowsservercore`): another image altogether, perhaps


_VERSION = re.compile(r"v?[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?t?\Z")
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)*")
_DATE = re.compile(r"(20[0-9]{6}|20[0-9]{2}|[01][0-9]|[0-3][0-9])(\.[0-9]+)?\Z")
_UNKNOWN = _Tag(None, None, None, None)
_FOREIGN = _UNKNOWN._replace(foreign=True)


@cache
def _images() -> dict[str, Mapping[str, Any]]:
    return {name: facts for facts in table("base_images")["images"] for name in facts["repositories"]}


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
        facts = table("base_images")
        numbers = _NUMBERS.match(word.removeprefix("v"))
        if word == "latest":
            return True
        if word == "slim":
            self.slim = True
        elif word.startswith("alpine") and (word == "alpine" or _VERSION.match(word[6:])):
            self.alpine, self.distribution, self.release = True, "alpine", word[6:] or None
        elif word in facts["debian_releases"].split():
            self.distribution, self.release = "debian", word
        elif word in facts["ubuntu_releases"].split():
            self.distribution, self.release = "ubuntu", word
        elif word.startswith("python") and _VERSION.match(word[6:]):
            self.python = word[6:].removesuffix("t")
        elif word == "debian" and family == "uv":
            self.distribution = "debian"
        elif family == "buildpack-deps" and word in ("curl", "scm"):
            self.curl, self.scm = word == "curl", word == "scm"
        elif word in ("mainline", "stable", "current", "lts", "bullseye", "rolling", "rc") or _DATE.match(word):
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


# ---------------------------------------------------------------------------------------------------- programs

# Where programs are looked up by default; what is copied elsewhere is not run by its bare name.
_BIN = frozenset(
    [
        "/bin",
        "/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/root/.local/bin",
        "/opt/venv/bin",
        "/venv/bin",
        "/app/.venv/bin",
    ]
)
_TREES = frozenset(("/", "/usr", "/usr/local", "/opt", "/root/.local"))


@cache
def _closed() -> frozenset[str]:
    return frozenset(table("programs")["closed"]["programs"].split())


@cache
def _harmless() -> frozenset[str]:
    facts = table("harmless_programs")
    return frozenset((*facts["programs"].split(), *facts["language_tools"].split()))


@cache
def _pypi() -> dict[str, frozenset[str]]:
    return {name: frozenset(programs.split()) for name, programs in table("programs")["pypi"].items()}


def has_program(lineage: Sequence[Stage], base: BaseImage | None, name: str) -> bool | None:
    """Whether an image has a program at the end of `lineage` (first stage first; `base` is what that one is built on).

    True when the base has it, or a package or COPY brings it, and nothing takes it away. False only when the base is
    known to lack it and every instruction is known not to bring it. None otherwise: a script that is not read, a
    package that is not known.
    """
    return _has_program(lineage, base, name, packages=True, depth=0)


def _has_program(
    lineage: Sequence[Stage], base: BaseImage | None, name: str, *, packages: bool, depth: int
) -> bool | None:
    """The same; `packages=False` asks for what is put under /usr/local: installs of apt and its like do not count."""
    there = base.contains(name) if base is not None else None
    if base is None and lineage and _base_name(lineage[0].from_) == "scratch":
        there = False
    if not packages and base is not None and base.family in _PLAIN_FAMILIES:
        there = base.contains(name) if base.family in ("python", "uv", "node") and name in _LOCAL_PROGRAMS else False
    presence = _Presence(there)
    workdir: str | None = "/" if base is not None else None
    for stage in lineage:
        for instruction in stage.instructions:
            if isinstance(instruction, Workdir):
                workdir = _path(instruction.path.value, workdir)
            elif isinstance(instruction, Run):
                _run(instruction.command, name, presence, packages=packages)
            elif isinstance(instruction, Copy | Add):
                effect = _effect_of_copy(instruction, stage, name, workdir, depth)
                presence.apply("brings" if effect else "nothing" if effect is False else "unknown")
    return presence.there


class _Presence:
    """Whether a program is there so far, and whether something unread may have brought it a second time."""

    __slots__ = ("doubt", "there")

    def __init__(self, there: bool | None) -> None:  # noqa: FBT001  # the one thing that it is made from
        self.there = there
        self.doubt = there is None

    def apply(self, effect: str) -> None:
        """What `brings`, `removes`, `unknown` or `nothing` makes of it."""
        if effect == "brings":
            self.there = True
        elif effect == "removes":
            self.there = None if self.doubt else False
        elif effect == "unknown":
            self.doubt = True
            self.there = self.there or None


# Families whose /usr/local/bin is known: Python, uv and Node themselves, or nothing.
_PLAIN_FAMILIES = frozenset(("python", "uv", "node", "debian", "ubuntu", "alpine", "buildpack-deps"))
_LOCAL_PROGRAMS = frozenset(["python", "python3", "pip", "pip3", "uv", "uvx", "node", "npm", "npx"])


def _base_name(from_: From) -> str | None:
    return from_.image.value


def _path(value: str | None, workdir: str | None) -> str | None:
    """An absolute path without `.`, doubled or trailing slashes; None when it cannot be told."""
    if value is None:
        return None
    if not value.startswith("/"):
        if workdir is None:
            return None
        value = f"{workdir}/{value}"
    parts: list[str] = []
    for part in value.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


# -- COPY and ADD


def _effect_of_copy(transfer: Transfer, stage: Stage, name: str, workdir: str | None, depth: int) -> bool | None:
    """Whether a COPY or ADD brings the program: False for certainly not."""
    destination = _path(transfer.destination.value, workdir)
    directory = (transfer.destination.value or "").endswith(("/", "/.")) or len(transfer.sources) > 1
    relative = transfer.destination.value is not None and not transfer.destination.value.startswith("/")
    if destination is None:
        if transfer.destination.value is None and transfer.from_ is not None:
            return None
        # From the build context to an unknown place: only a file of that name could be it.
        return None if any(_last(word.value) in (name, None) for word in transfer.sources) and not relative else False
    if _last(destination) == name and not directory:
        return True
    found: bool | None = False
    for word in transfer.sources:
        one = _effect_of_source(transfer, stage, name, source=word.value, destination=destination, depth=depth)
        if one:
            return True
        found = None if one is None else found
    return found


def _last(path: str | None) -> str | None:
    return path.rstrip("/").rpartition("/")[2] if path is not None else None


def _effect_of_source(
    transfer: Transfer, stage: Stage, name: str, *, source: str | None, destination: str, depth: int
) -> bool | None:
    visible = destination in _BIN or destination in _TREES
    if source is None:
        return None if visible else False
    last = _last(source)
    if last == name and destination in _BIN:
        return True
    if last == name:
        return None  # a directory that happens to be called so, or a file that PATH may reach
    if not visible:
        return False
    if isinstance(transfer, Add) and re.search(r"\.(tar|tgz|tbz2|txz)(\.[a-z0-9]+)?\Z", source) and "://" not in source:
        return None
    if isinstance(transfer, Add) and "://" in source:
        return False  # one file of another name
    if destination in _BIN and _looks_like_file(transfer, source):
        return False
    if transfer.from_ is not None:
        return _effect_of_stage(transfer, stage, source, name, depth)
    if destination in _TREES and last in _PLAIN_FOLDERS:
        return False
    return None


# Directories of an application that hold no programs.
_PLAIN_FOLDERS = frozenset(
    [
        "app",
        "src",
        "backend",
        "api",
        "server",
        "docs",
        "tests",
        "alembic",
        "migrations",
        "config",
        "requirements",
        "static",
        "templates",
        "scripts",
    ]
)


def _looks_like_file(transfer: Transfer, source: str) -> bool:
    """A single file of a name without wildcards: it lies in a directory of programs, has an ending, or is uv's own."""
    if source.endswith("/") or re.search(r"[*?\[]", source):
        return False
    folder, _, last = source.rpartition("/")
    if folder in _BIN or re.search(r"[^.]\.[a-z0-9]{1,5}\Z", last):
        return True
    image = transfer.from_.value if transfer.from_ else None
    return image is not None and last in ("uv", "uvx") and folder == "" and "uv" in image


def _effect_of_stage(transfer: Transfer, stage: Stage, source: str, name: str, depth: int) -> bool | None:
    """A tree such as /usr/local or /usr/local/bin taken from another stage.

    Distributions install nothing there, so that only what was put there by hand counts.
    """
    path = _path(source, "/")
    if path is None or depth > 8 or not (path == "/usr/local" or path.startswith("/usr/local/")):
        return None
    if path.startswith("/usr/local/lib"):
        return False
    wanted = transfer.from_.value if transfer.from_ else None
    other = stage.dockerfile.stage(wanted) if wanted is not None else None
    if other is None or other.index >= stage.index:
        return None
    lineage = other.lineage
    first = _base_name(lineage[0].from_)
    base = base_image(Reference.parse(first)) if first else None
    if base is None or base.family not in _PLAIN_FAMILIES:
        return None
    return _has_program(lineage, base, name, packages=False, depth=depth + 1)


# -- RUN


def _run(command: Command, name: str, presence: _Presence, *, packages: bool) -> None:
    """What a RUN does about the program."""
    unread = any(word.value is None for word in command.words)
    if unread or (not command.exec_form and (command.script is None or command.script.problems)):
        presence.apply("unknown")
        return
    before = presence.there
    brought = False  # by a system package of this RUN
    groups: set[str] = set()  # apk's virtual packages that hold it
    for call, step in calls_and_steps(command):
        if step is None:
            presence.apply(_effect_of_call(call, name))
            continue
        effect = _effect_of_step(step, name, packages=packages)
        if effect == "brings" and step.manager in SYSTEM_MANAGERS:
            brought = True
            group = step.option("--virtual")
            if group is not None and group.value is not None:
                groups.add(group.value)
        elif step.action == "remove" and not groups.isdisjoint(step.names):
            effect = "removes"
        if effect == "removes":
            brought = False
        presence.apply(effect)
    if brought and not before and not _is_kept(command, name):
        presence.there = None  # `apt-mark auto` and autoremove, or a removal that cannot be read


def _is_kept(command: Command, name: str) -> bool:
    """Whether a package that brings the program is left at the end of the RUN."""
    for kept in kept_packages(command):
        package = kept.package.name
        if package is not None:
            others = _dependencies().depends.get(package, "").split() if kept.step.manager == "apt" else ()
            if any(name in provides(one) for one in (package, *others)):
                return True
    return False


def _effect_of_step(step: Step, name: str, *, packages: bool) -> str:
    """What a package manager's call does about the program: `brings`, `removes`, `unknown` or `nothing`."""
    if step.manager in SYSTEM_MANAGERS:
        return _effect_of_system_step(step, name) if packages else "nothing"
    if step.action == "remove":
        return "nothing"
    if step.manager == "conda":
        if step.action not in ("install", "upgrade"):
            return "nothing"
        if any(name in provides(package) for package in step.names):
            return "brings"
        return "unknown" if step.action == "install" else "nothing"
    if step.manager in ("cargo", "gem"):
        return ("brings" if name in step.names else "nothing") if step.complete else "unknown"
    if step.manager in ("npm", "yarn", "pnpm", "bun"):
        return "brings" if name in step.names else "nothing"
    # Python's installers and `curl … | python -`: only what PyPI can bring.
    bringing = {project for project, programs in _pypi().items() if name in programs} | {name}
    if step.action in ("install", "sync", "upgrade"):
        if not bringing.isdisjoint(package.lower() for package in step.names):
            return "unknown" if step.conditional else "brings"
        if len(bringing) > 1 and (
            not step.complete or step.requirements or step.reads_manifest or step.local or step.editable
        ):
            return "unknown"
    return "nothing"


def _effect_of_system_step(step: Step, name: str) -> str:
    if step.action == "remove":
        return "removes" if any(name in provides(package) for package in step.names) else "nothing"
    if step.action != "install":
        return "nothing"
    if any(name in provides(package) for package in step.names):
        return "unknown" if step.conditional else "brings"
    if not step.complete or step.local or name not in _closed():
        return "unknown"
    if step.manager == "apt":
        return _worst(_effect_of_debian_package(package, name, step) for package in step.names)
    if step.manager == "apk":
        return _worst(_effect_of_alpine_package(package) for package in step.names)
    return "unknown"


def _worst(effects: Iterable[str]) -> str:
    found = set(effects)
    return "brings" if "brings" in found else "unknown" if "unknown" in found else "nothing"


class _Dependencies(NamedTuple):
    inert: frozenset[str]
    depends: Mapping[str, str]
    recommends: Mapping[str, str]
    families: re.Pattern[str]
    exceptions: re.Pattern[str]
    families_for: frozenset[str]


@cache
def _dependencies() -> _Dependencies:
    facts = table("debian_dependencies")
    return _Dependencies(
        frozenset(facts["inert"].split()),
        facts["depends"],
        facts["recommends"],
        re.compile(facts["families"]),
        re.compile(facts["family_exceptions"]),
        frozenset(facts["families_for"].split()),
    )


def _effect_of_debian_package(package: str, name: str, step: Step) -> str:
    facts = _dependencies()
    if any(name in provides(other) for other in facts.depends.get(package, "").split()):
        return "brings"
    recommended = any(name in provides(other) for other in facts.recommends.get(package, "").split())
    if recommended:
        # Whether recommended packages come along may be settled elsewhere, too (apt.conf).
        return "unknown" if step.recommends else "nothing"
    if package in facts.inert or package in facts.depends or package in facts.recommends:
        return "nothing"
    if name in facts.families_for and facts.families.fullmatch(package) and not facts.exceptions.fullmatch(package):
        return "nothing"
    return "unknown"


@cache
def _alpine_inert() -> tuple[frozenset[str], re.Pattern[str]]:
    facts = table("alpine_dependencies")
    return frozenset(facts["inert"].split()), re.compile(facts["families"])


def _effect_of_alpine_package(package: str) -> str:
    inert, families = _alpine_inert()
    return "nothing" if package in inert or families.fullmatch(package) else "unknown"


_PLACING = frozenset(("cp", "mv", "ln", "install", "rsync"))
_UNPACKING = frozenset(("tar", "unzip", "bsdtar"))
_DOWNLOADS = frozenset(("curl", "wget", "aria2c"))


def _effect_of_call(call: Call, name: str) -> str:
    """What any other call does about the program."""
    program = call.name
    if program is None:
        return "unknown" if call.arguments else "nothing"
    words = [argument.value for argument in call.arguments[1:]]
    if call.command is not None:
        for redirect in call.command.redirects:
            target = redirect.target.value if redirect.target else None
            if redirect.operator in (">", ">>", ">|", "&>") and _last(target) == name:
                return "unknown"
    if program in _PLACING:
        return _effect_of_placing(words, name)
    if program in _UNPACKING:
        return _effect_of_unpacking(call, words)
    if program == "tee":
        return "unknown" if any(word is None or _last(word) == name for word in words) else "nothing"
    if program in _DOWNLOADS:
        return (
            "unknown"
            if any(word is not None and _last(word) == name and "://" not in word for word in words)
            else "nothing"
        )
    if program in (".", "source"):
        text = call.arguments[1].text.strip("\"'") if len(call.arguments) > 1 else ""
        return (
            "nothing"
            if text.endswith(("/activate", "/env", "activate", ".bashrc", ".profile", "/conda.sh"))
            else "unknown"
        )
    if program in ("sh", "bash", "dash", "ash", "zsh"):
        return "unknown"
    if re.match(r"python[0-9.]*\Z|playwright\Z", program) and "playwright" in (program, *words):
        return "unknown" if {"--with-deps", "install-deps"} & set(words) else "nothing"
    if program == "find":
        runs = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-exec", "-execdir", "-ok")]
        return "nothing" if all(_last(one) in _harmless() | {"rm"} for one in runs) else "unknown"
    if re.match(r"(python|pypy|pip)[0-9.]*\Z", program) or program in _harmless():
        return "nothing"
    return "unknown"


def _effect_of_placing(words: Sequence[str | None], name: str) -> str:
    """`cp`, `mv`, `ln`, `install`: by the last word, and what is put there."""
    operands = [word for word in words if word is None or not word.startswith("-")]
    recursive = any(re.match(r"-[a-zA-Z]*[aRr]|--recursive|--archive", word) for word in words if word)
    if not operands:
        return "nothing"
    target = operands[-1]
    if any(_last(word) == name for word in operands if word):
        return "unknown"
    if target is None:
        return "unknown" if any(word is None for word in operands[:-1]) and recursive else "nothing"
    if not target.startswith("/"):  # in a directory that is not known here
        return "unknown" if recursive else "nothing"
    place = _path(target, "/")
    if place in _TREES:
        return "unknown"
    if place in _BIN:
        plain = not recursive and all(word is not None and not re.search(r"[*?\[]", word) for word in operands[:-1])
        return "nothing" if plain else "unknown"
    return "nothing"


def _effect_of_unpacking(call: Call, words: Sequence[str | None]) -> str:
    """`tar -C /opt/app`, `unzip -d /data`: harmless when it goes to a place that is certainly not looked through."""
    for at, word in enumerate(words):
        target: str | None = None
        if word in ("-C", "-d", "--directory") and at + 1 < len(words):
            target = words[at + 1]
        elif word is not None and word.startswith("--directory="):
            target = word.partition("=")[2]
        else:
            continue
        place = _path(target, "/") if target and target.startswith("/") else None
        return (
            "nothing"
            if place and place not in _TREES and place not in _BIN and not place.endswith("/bin")
            else "unknown"
        )
    flags = words[0] if words and words[0] else ""
    creates = call.name == "tar" and (re.match(r"-?[a-zA-Z]*[ct]", flags) is not None and "x" not in flags)
    return "nothing" if creates else "unknown"
