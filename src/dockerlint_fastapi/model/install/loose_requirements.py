"""What a build installs in whatever version is newest that day."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.install.manifest import normal_name
from dockerlint_fastapi.model.install.step import INSTALLERS
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.distributions import Distribution, Installation

# Options and variables by which something else decides on versions.
_DECIDED = (
    "--constraint",
    "--constraints",
    "--no-index",
    "--exclude-newer",
    "--require-hashes",
    "--overrides",
    "--group",
)
_VARIABLES = (
    "PIP_CONSTRAINT", "PIP_NO_INDEX", "PIP_REQUIRE_HASHES", "UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_INDEX",
)  # fmt: skip
# What the program itself is made of: the server, and what it serves.
_MANY = 5  # of others
_TOOLS = frozenset("dev develop development test tests testing lint linters doc docs ci tools tooling".split())
_SERVER = ("fastapi", "uvicorn", "gunicorn", "starlette", "pydantic")


class LooseRequirement(NamedTuple):
    """Distributions that are asked for without a version. `listed`: in a requirements file, else in a RUN."""

    names: tuple[str, ...]
    span: Span  # the first of them
    installation: Installation
    listed: bool

    @property
    def for_tools(self) -> bool:
        """Whether the name of the requirements file says that it lists tools: of tests, linters, documentation."""
        words = set(re.split(r"[^a-z]+", self.span.source.path.lower().rpartition("/")[2]))
        return self.listed and not _TOOLS.isdisjoint(words)


def loose_requirements(image: Image) -> Iterator[LooseRequirement]:
    """What the RUNs of an image, and of the stages that it copies from, leave open; one entry for a step or a file."""
    before: set[str] = set()  # what earlier steps have installed: pip leaves that as it is
    told: set[str] = set()
    for one in image.installed.steps:
        if _names_versions(one) and not _is_decided(one):
            words = [
                (package.name, package.word.span)
                for package in one.step.packages
                if package.name is not None
                and not _has_version(package.requirement)
                and normal_name(package.name) not in before | INSTALLERS
            ]
            if words:
                yield LooseRequirement(tuple(name for name, _ in words), words[0][1], one, listed=False)
            listed = _listed(one)
            if listed is not None and listed.span.source.path not in told:
                told.add(listed.span.source.path)
                yield listed
        before.update(one.contents.found)


def _names_versions(one: Installation) -> bool:
    """Whether it is a step that installs what its words name: of pip, uv, Poetry, PDM, Pipenv or conda."""
    step = one.step
    if step.action != "install" or step.program.endswith((" self", " tool")):
        return False
    if step.manager in ("pip", "conda") or step.program == "uv pip":
        return True
    return step.manager in ("uv", "poetry", "pdm", "pipenv") and bool(step.packages)


def _is_decided(one: Installation) -> bool:
    """Whether versions are, or may be, decided elsewhere: by constraints, hashes, an index of the build's own."""
    step = one.step
    if step.constraints or step.has(*_DECIDED) or step.has("--dry-run", "--help"):
        return True
    return any(name in step.environment or one.stage.variable(name, before=one.run) is not None for name in _VARIABLES)


def _has_version(requirement: str) -> bool:
    """Whether anything but extras and markers follows the name: a version, a URL; also when that cannot be told."""
    rest = requirement.partition(";")[0].strip()
    if rest.startswith("["):
        rest = rest.partition("]")[2].strip()
    return rest != ""


def _listed(one: Installation) -> LooseRequirement | None:
    """What a requirements file asks for in any version, the server and the framework first; None when that is
    none of these, and but little.
    """
    found = [each for each in one.contents.found.values() if _is_loose(each)]
    found.sort(key=lambda each: each.span.start)
    server = [each for each in found if each.name in _SERVER]
    if not server and len(found) < _MANY:
        return None
    server = server or found[:1]
    path = server[0].span.source.path
    others = [each for each in found if each not in server]
    names = tuple(each.name for each in (*server, *others) if each.span.source.path == path)
    return LooseRequirement(names, server[0].span, one, listed=True)


def _is_loose(each: Distribution) -> bool:
    """Whether a requirements file names it, without a version or a URL."""
    return (
        each.via is None
        and each.version is None
        and each.specifier == ""
        and each.span.source.path.endswith((".txt", ".in"))
        and "@" not in each.span.text
    )
