"""Until when the makers of a version mend it: Python, the systems below it, databases. Dates are facts of a table."""

from __future__ import annotations

import re
from functools import lru_cache

from dockerlint_fastapi.data import table, words
from dockerlint_fastapi.dates import date
from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.bases.base_image import BaseImage
    from dockerlint_fastapi.model.bases.pull import Pull
    from dockerlint_fastapi.model.bases.reference import Reference
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.step import Step

# A date that was only planned when the table was written counts for so many days; then the plan may have changed.
_TRUSTED_DAYS = 366

_COPIED = r"/uvicorn-gunicorn(?:-fastapi|-starlette)?:python(3\.[0-9]{1,2})(?:-(?:slim|alpine)[0-9.]*)?(?:@|\Z)"


class Lifetime(NamedTuple):
    """How long a version is mended. `end` is the last day, `longer` that of what support others give after it."""

    name: str  # as people call it: `Python 3.9`, `Debian 11 (bullseye)`, `PostgreSQL 13`
    end: date
    longer: date | None
    archived: date | None = None  # as of when its packages are known to be in an archive alone

    def ended(self, today: date) -> bool:
        """Whether nobody mends it any more, as far as the table knows that."""
        return _past(self.longer or self.end, today)

    def only_longer(self, today: date) -> bool:
        """Whether its makers have stopped, and others go on for a while."""
        return self.longer is not None and self.longer >= today and _past(self.end, today)


def _past(day: date, today: date) -> bool:
    known = date.fromisoformat(table("end_of_life")["as_of"])
    return day < today and (day <= known or (today - known).days <= _TRUSTED_DAYS)


@lru_cache(maxsize=256)
def lifetime(product: str, version: str) -> Lifetime | None:
    """The lifetime of a version (`3.12.4`, `bookworm`, `16`); of a series (`3`) that of the one in it that lives
    longest. None when it is not in the table.
    """
    facts = table("end_of_life").get(product)
    if facts is None:
        return None
    version = facts.get("codenames", {}).get(version, version)
    if _within(version, facts.get("open", ())):
        return None
    ends: dict[str, date] = facts["end"]
    named = [one for one in ends if version == one or version.startswith(f"{one}.")]
    named = named or [one for one in ends if one.startswith(f"{version}.")]
    if not named:
        return None
    longest = max(named, key=ends.__getitem__)
    number = facts.get("numbers", {}).get(longest)
    shown = f"{number} ({longest})" if number else version if len(named) > 1 else longest
    archived = facts["as_of"] if longest in facts.get("archived", ()) else None
    return Lifetime(
        f"{facts['name']} {shown}",
        ends[longest],
        facts.get("longer", {}).get(longest),
        date.fromisoformat(archived) if archived is not None else None,
    )


def is_frozen(reference: Reference) -> bool:
    """Whether a tag without a version names a release of Debian for which Docker's official images are not built any
    more (`python:slim-buster`): they moved on to the next one when it left the archive.
    """
    known = (lifetime("debian", word) for word in (reference.tag or "").split("-") if word.isalpha())
    return "/" not in reference.full_repository and any(one is not None and one.archived is not None for one in known)


def _within(version: str, cycles: object) -> bool:
    """Whether a version is of one of these cycles, or a series that one of them belongs to."""
    return isinstance(cycles, dict) and any(
        version == one or version.startswith(f"{one}.") or one.startswith(f"{version}.") for one in cycles
    )


def released(product: str, version: str, today: date) -> bool | None:
    """Whether the first final release of a version is out; None when its day is not known."""
    facts = table("end_of_life").get(product, {})
    day: date | None = facts.get("next", {}).get(version)
    if day is not None:
        return day <= today
    return True if version in facts.get("end", {}) else None


class Age(NamedTuple):
    """Something with a lifetime in an image, and the words that choose it. `shipped` is False for what only a stage has
    that the image copies from.
    """

    version: str
    lifetime: Lifetime | None
    span: Span
    shipped: bool
    preview: bool = False  # it is not released yet
    update: Span | None = None  # the `apt-get update` that asks for its packages where they are no more
    stage: Stage | None = None  # whose base image it is; None for what a RUN installs
    aside: Span | None = None  # where uv is told to run the programs on another Python, which is mended
    superseded: bool = False  # a system so old that it goes with the version of Python in the tag, which has ended, too


# What changes the addresses from which apt fetches: another host, or a file of apt's that is written or copied.
_OTHER_ADDRESSES = r"archive\.debian\.org|snapshot\.debian\.org|sources\.list|/etc/apt"
_PYTHON_FAMILIES = frozenset(("python", "python-nodejs", "uv", "tiangolo", "inboard"))
_CONDA_FAMILIES = frozenset(("miniconda", "anaconda"))
_REQUIRED = r"(?m)^[ \t]*requires-python[ \t]*=[ \t]*[\"'][^\"'\n]*?(?:>=?|~=|==)[ \t]*3\.([0-9]{1,2})"
_PREVIEW = r"\A3\.[0-9]+(?:\.0)?(?:a|b|rc)[0-9]*(?=-|\Z)|-rc(?=-|\Z)"
_PACKAGE = r"python(3\.[0-9]{1,2})(?:-(?:minimal|full|venv|dev))?"


def python_ages(image: Image) -> Iterator[Age]:
    """The versions of Python in an image and in the stages it copies from, each with the words that choose it."""
    today = image.project.today
    for stage, base in _bases(image):
        shipped = stage in image.lineage
        if base is not None and base.family in _PYTHON_FAMILIES and base.python_version:
            version = ".".join(base.python_version.split(".")[:2])
            preview = bool(re.search(_PREVIEW, base.reference.tag or "")) or released("python", version, today) is False
            if "." in version:
                known, aside = lifetime("python", version), None
                if shipped and known is not None and known.ended(today):
                    aside = _managed(image, version)
                yield Age(version, known, _in_tag(stage, version), shipped, preview, stage=stage, aside=aside)
        elif base is None and (copied := _python_of_copy(stage)) is not None:
            yield Age(copied, lifetime("python", copied), _in_tag(stage, copied), shipped)
        elif base is not None and base.family in _CONDA_FAMILIES:
            of_conda = _python_of_conda(image, stage, base.reference)
            if of_conda is not None:
                yield Age(of_conda, lifetime("python", of_conda), stage.from_.image.span, shipped)
        for run in stage.of(Run):
            for step in image.steps_of(run):
                words = step.packages if step.action == "install" and not step.conditional else ()
                for word in words if step.manager in ("apt", "conda") else ():
                    text = word.word.value or ""
                    found = (
                        re.fullmatch(_PACKAGE, text)
                        if step.manager == "apt"
                        else re.match(r"python=+(3\.[0-9]{1,2})(?![0-9])", text)
                    )
                    if found and not (step.manager == "apt" and _is_spared(image, stage, found[1])):
                        yield Age(found[1], lifetime("python", found[1]), word.word.span, shipped)
    yield from _chosen_for_uv(image)


def _python_of_copy(stage: Stage) -> str | None:
    """The version of Python in a tag of the names that tiangolo's images have, which others publish as their own."""
    name = stage.from_.image.value or ""
    found = re.search(_COPIED, name) if "uvicorn-gunicorn" in name else None
    return found[1] if found is not None else None


def _chosen_for_uv(image: Image) -> Iterator[Age]:
    """The versions of Python that uv is told to make an environment with, which the image has at its end and nothing
    makes anew: no file beside the code and no manifest asks for a newer one.
    """
    if "uv venv" not in image.dockerfile.source.text or "UV_PYTHON" in image.dockerfile.source.text:
        return
    from dockerlint_fastapi.model.install.virtual_environments import virtual_environments  # noqa: PLC0415 - for a few

    for one in virtual_environments(image):
        known = lifetime("python", one.python[0]) if one.python is not None else None
        if one.python is not None and known is not None and not _asks_for_newer(image, one.python[0]):
            yield Age(one.python[0], known, one.python[1], shipped=True)


def _asks_for_newer(image: Image, version: str) -> bool:
    """Whether a project may need a newer version of Python than one: then uv makes its environment anew."""
    project, minor = image.project, int(version.partition(".")[2])
    if project.index.ending(".python-version"):
        return True
    sources = (project.source_of(path) for path in project.index.ending("pyproject.toml"))
    asked = (re.search(_REQUIRED, one.text) for one in sources if one is not None)
    return any(int(one[1]) > minor for one in asked if one is not None)


def _is_spared(image: Image, stage: Stage, version: str) -> bool:
    """Whether nothing is to be said of a Python that apt installs."""
    return _is_own(image, stage, version) or _stands_aside(image, stage, version)


def _is_own(image: Image, stage: Stage, version: str) -> bool:
    """Whether it is the version that the release of the distribution brings, which mends it for as long as it lasts
    itself; that of a published image (`nvidia/cuda:12.1.1-base-ubuntu22.04`) stands in its tag.
    """
    name = stage.first.from_.image.value or ""
    distribution, release = _system(image.base_of(stage)[1], name)
    facts = table("end_of_life").get(distribution or "", {})
    number = facts.get("codenames", facts.get("numbers", {})).get(release, release)
    return bool(facts.get("python", {}).get(str(number)) == version)


def _system(base: BaseImage | None, name: str) -> tuple[str | None, str | None]:
    """The distribution and its release that a base image is, or says in its tag that it is built on."""
    found = re.search(r"ubuntu-?([0-9]{2}\.[0-9]{2})", name.rpartition("/")[2])
    if found is not None and (base is None or base.family == "cuda"):
        return "ubuntu", found[1]
    return (base.distribution, base.release) if base is not None else (None, None)


def _stands_aside(image: Image, stage: Stage, version: str) -> bool:
    """Whether a Python of the deadsnakes archive, which has none but other versions than the distribution, certainly
    runs nothing: the distribution's own pip installs, and nothing but its packages has its name.
    """
    if "deadsnakes" not in image.dockerfile.source.text or "python3-pip" not in image.named_packages:
        return False
    texts = [one.text for part in stage.lineage for one in part.instructions]
    if not any("deadsnakes" in text for text in texts):
        return False
    name = re.compile(rf"(?:python|pip){re.escape(version)}(?!\d)")
    runs = (run for part in stage.lineage for run in part.of(Run))
    named = sum(
        name.match(package.word.value or "") is not None
        for run in runs
        for step in image.steps_of(run)
        for package in step.packages
    )
    starts = any(name.search(program.name) for one in image.containers for program in one.programs)
    return not starts and sum(len(name.findall(text)) for text in texts) == named


def _python_of_conda(image: Image, first: Stage, reference: Reference) -> str | None:
    """The minor version of Python in the base environment of an image of conda; None when the tag does not say it, or
    the programs may run on another one: in an environment that a RUN makes, or after `conda install python=…`.
    """
    tag = reference.tag or ""
    told = re.match(r"py(3)([0-9]{1,2})_", tag)
    version: str | None = f"3.{told[2]}" if told else table("conda_pythons").get(reference.repository, {}).get(tag)
    if version is None:
        return None
    for stage in (*image.lineage, *image.builders):
        if stage.first is not first:
            continue
        for step in (step for run in stage.of(Run) for step in image.steps_of(run)):
            if step.has("--python") or (step.manager == "conda" and _may_change_python(step)):
                return None
    return version


def _may_change_python(step: Step) -> bool:
    """Whether a step of conda may make an environment, or bring another version of Python into the one there is."""
    if step.subcommand in ("clean", "config", "info", "init", "list", "update", "upgrade"):
        return False
    named = any(package.name in (None, "python") for package in step.packages)
    return step.subcommand != "install" or named or bool(step.requirements) or step.has("--name", "--prefix")


def _managed(image: Image, version: str) -> Span | None:
    """Where uv, which makes the environment of the image, is told to take another version of Python that is mended:
    `UV_PYTHON=3.12`, `uv sync --python 3.12`; it fetches one of its own, as the base image has none.
    """
    today = image.project.today
    asked = [(pair.value, pair.span) for pair in [image.environment.get("UV_PYTHON")] if pair is not None]
    makes = False
    for _, step in image.steps:
        if (
            step.manager == "uv"
            and step.action in ("sync", "install")
            and not step.subcommand.startswith(("tool", "python"))
        ):
            makes = True
            asked += [(one.value, one.word.span) for one in step.options if one.name == "--python" and not asked]
    found = re.match(r"(?:cpython-?|python)?(3\.\d+)", asked[0][0] or "") if makes and asked else None
    if found is None or found[1] == version:
        return None
    own = lifetime("python", found[1])
    return asked[0][1] if own is not None and not own.ended(today) and released("python", found[1], today) else None


def system_ages(image: Image) -> Iterator[Age]:
    """The releases of Debian, Ubuntu and Alpine that an image, and the stages it copies from, say in their tags."""
    for stage, base in _bases(image):
        if base is None:
            continue
        distribution, release = _system(base, base.reference.text)
        known = lifetime(distribution, release) if distribution is not None and release is not None else None
        if known is not None and release is not None:
            update = (
                _update(image, stage) if known.archived is not None and image.project.today >= known.archived else None
            )
            shipped = stage in image.lineage
            # images of a mended Python are not built on such a release: the advice for the one is that for the other
            old = known.archived is not None or known.ended(image.project.today)
            gone = old and update is None and _has_old_python(base, image)
            yield Age(release, known, _in_tag(stage, release), shipped, update=update, stage=stage, superseded=gone)


def _has_old_python(base: BaseImage, image: Image) -> bool:
    """Whether the version of Python that a base image is made for has ended."""
    version = ".".join((base.python_version or "").split(".")[:2])
    known = lifetime("python", version) if base.family in _PYTHON_FAMILIES and "." in version else None
    return known is not None and known.ended(image.project.today)


def _update(image: Image, first: Stage) -> Span | None:
    """The first `apt-get update` on top of a stage that must succeed, with the addresses that the base image has; None
    when the Dockerfile speaks of others.
    """
    if re.search(_OTHER_ADDRESSES, image.dockerfile.source.text):
        return None
    for stage in (*image.lineage, *image.builders):
        for run in stage.instructions if stage.first is first else ():
            for step in image.steps_of(run) if isinstance(run, Run) else ():
                may_fail = step.command is not None and step.command.after == "||"
                if step.manager == "apt" and step.action == "update" and not step.conditional and not may_fail:
                    return step.head
    return None


def _bases(image: Image) -> Iterator[tuple[Stage, BaseImage | None]]:
    """The stages of an image and of what it copies from, with the known image that one begins with; None where another
    stage is what it begins with.
    """
    for stage in (*image.lineage, *image.builders):
        yield stage, image.base_of(stage)[1] if stage.base is None else None


def _in_tag(stage: Stage, version: str) -> Span:
    """Where a version stands in the name of a FROM; the whole name where it is written otherwise."""
    span = stage.from_.image.span
    colon = span.text.rfind(":")
    at = span.text.find(version, colon) if colon >= 0 else -1
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(version))


# Databases by the repository of their official image.
DATABASES = {"postgres": "postgres", "mysql": "mysql", "mariadb": "mariadb", "mongo": "mongo", "redis": "redis"}
DATABASES["rabbitmq"] = "rabbitmq"
_KEEPS_NO_FORMAT = frozenset(("redis", "valkey"))  # newer versions read the files of older ones
_HOLDERS = frozenset(("database", "broker"))
# Words of a tag that say what else is in the image, and are there for the next version as well.
_FLAVOURS = ("management", "alpine")


_OF_18 = "/var/lib/postgresql"  # where PostgreSQL's image wants a volume since 18; before that, one folder below


class Floating(NamedTuple):
    """What is wrong with a database whose tag names no version, as the end of a sentence, and what to do about it."""

    what: str
    remedy: str
    advised: str | None = None  # the image to name where there are no data yet


def database_lifetime(pull: Pull) -> Lifetime | None:
    """The lifetime of the version that the tag of a database's official image names; None when it cannot be told."""
    product, version = _product_and_version(pull)
    return lifetime(product, version) if product is not None and version is not None else None


def floating_database(pull: Pull, role: str | None, mounts: Iterable[str] = ()) -> Floating | None:
    """How the image of a database moves on by itself; None when it does not, or the newer one reads the data of the
    older one. Of images that others derive from PostgreSQL the extension moves, where the tag pins the server. What is
    advised keeps its data where something is mounted.
    """
    reference = pull.reference
    if reference.digest is not None or reference.drift is None:
        return None
    product = DATABASES.get(reference.full_repository)
    if reference.full_repository in words("service_images", "postgres") and product is None:
        if re.search(r"(?:\A|-)pg[0-9]+", reference.tag or "") is None:
            return Floating(_NEWER.format("cannot"), "name the version in the tag, PostgreSQL's too")
        return Floating(
            "brings another version of its extension some day, which may not fit the data of the old one",
            "name the version of the extension in the tag, too",
        )
    if (product is None and (role not in _HOLDERS or reference.namespace)) or reference.name in _KEEPS_NO_FORMAT:
        return None
    remedy, advised = "name the major version that wrote the data", None
    if product is not None:
        of_18 = product == "postgres" and _OF_18 in mounts
        advised = _like(reference, "18" if of_18 else table("end_of_life")[product]["advised"])
        remedy = f"{remedy}; `{advised}` where there are none yet"
    return Floating(_NEWER.format("cannot" if product == "postgres" else "may not"), remedy, advised)


_NEWER = "is a newer version some day, which {} read the data of the old one"


def way_on(pull: Pull) -> str | None:
    """What to move to from a database's version that has ended, and how its data come along, as advice; None when that
    is not known.
    """
    product, version = _product_and_version(pull)
    if product is None or version is None:
        return None
    facts = table("end_of_life")[product]
    advice: str = facts["way_on"].replace("{}", f"`{_like(pull.reference, facts['advised'])}`")
    through = facts.get("through", {})
    step = next((through[one] for one in through if version == one or version.startswith(f"{one}.")), None)
    return f"{advice}; go through `{_like(pull.reference, step)}`" if step is not None else advice


def _product_and_version(pull: Pull) -> tuple[str | None, str | None]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*(?=-|\Z)", pull.reference.tag or "")
    return DATABASES.get(pull.reference.full_repository), found[0] if found is not None else None


def _like(reference: Reference, version: str) -> str:
    """Another version of an image, with what else the tag asks for."""
    parts = (reference.tag or "").split("-")
    return "-".join((f"{reference.name}:{version}", *(one for one in _FLAVOURS if one in parts)))
