"""Applications that read the `.env`, or another secret file, which a COPY puts into their image: without it they have
no variables, or no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlint_fastapi.model.context.glob import Glob
from dockerlint_fastapi.model.context.needed_files import may_bring
from dockerlint_fastapi.model.dockerfile import Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Source

_READS: Final = (
    r"(?m)^[^#\n]*(?:\b(?:load_dotenv|dotenv_values|read_env)\(|\b_?env_file[\"']?[ \t]*[=:][ \t]*[\[(\"'][^\n]*\.env)"
)
# A `.env` of the working directory, wherever the code lies.
_OF_DIRECTORY: Final = (
    r"(?:\benv_file[\"']?[ \t]*[=:]|\b(?:load_dotenv|dotenv_values)\([ \t]*(?:dotenv_path[ \t]*=)?)"
    r"[ \t]*[\"'](?:\./)?\.env[\"']"
)
_VALUES: Final = r"(?m)^[ \t]*([\w.]+)[ \t]*(?::[^=\n]*)?=[ \t]*(?:dotenv\.)?dotenv_values\("
_MOST_STAGES: Final = 10  # that hand a directory on
_MOST: Final = 300  # Python files that are looked into
_ASIDE: Final = frozenset(("test", "tests", "scripts", "docs", "examples"))


def reads_env_file(build: ImageBuild) -> bool:
    """Whether code in the image reads `.env` by name, and some container of it gets its variables in no other
    way: by no `env_file:`, no `environment:` and no mount. Where the file's own values are all that is asked
    (`dotenv_values()`), variables do not stand in for it.
    """
    containers = build.image.containers
    services = [one for one in containers if one.service is not None]  # where there are any, these are what runs
    unmounted = [one for one in services or containers if not _is_mounted(one)]
    if not unmounted:
        return False
    bare = [one for one in unmounted if is_bare(one)]
    return any(
        (bare and _reads(build, source.text, bare)) or _asks_file_alone(source.text) for _, source in code_of(build)
    )


def _reads(build: ImageBuild, text: str, containers: Iterable[Container]) -> bool:
    """Whether a Python file reads a `.env`, and some COPY may bring that: one of the working directory
    (`env_file=".env"`) no copy of another folder does.
    """
    found = [one.end() for one in re.finditer(_READS, text)]
    lines = (text[text.rfind("\n", 0, end) + 1 :].partition("\n")[0] for end in found)
    if not all(re.search(_OF_DIRECTORY, line) for line in lines):
        return True
    return bool(found) and any(one.directory is None or _is_filled(build, one.directory) for one in containers)


def _is_filled(build: ImageBuild, directory: str) -> bool:
    """Whether some COPY may bring a `.env` to a directory of the image."""
    return _may_hold(build, build.image.stage, f"{directory.rstrip('/')}/.env", _MOST_STAGES)


def _may_hold(build: ImageBuild, stage: Stage, place: str, left: int) -> bool:
    """Whether a place of a stage may be filled, also from another one, of which it takes a directory."""
    if left <= 0:
        return True
    for one in (each for other in stage.lineage for each in other.instructions):
        name = one.from_.value if isinstance(one, Transfer) and one.from_ is not None else None
        source = stage.dockerfile.stage(name) if name is not None else None
        if not may_bring(one, place):
            continue
        if source is None or source.index >= stage.index or not isinstance(one, Transfer):
            return True
        target = (one.destination.value or "").rstrip("/")
        origins = [f"{(word.value or '').rstrip('/')}{place[len(target) :]}" for word in one.sources]
        known = target.startswith("/") and all((word.value or "").startswith("/") for word in one.sources)
        if not known or any(set("*?[") & set(each) or _may_hold(build, source, each, left - 1) for each in origins):
            return True
    for passage in build.image.passages:
        if not passage.copies or passage.stage not in stage.lineage:
            continue
        if passage.target is None or passage.source is None or passage.glob is not None or passage.parents:
            return True
        if passage.origin(place) is not None and not build.is_file(passage.source):
            return True
    return False


def _asks_file_alone(text: str) -> bool:
    """Whether a Python file looks up what it needs in the values of an env file, and nowhere else."""
    kept = re.search(_VALUES, text)
    if kept is None or re.search(r"\bload_dotenv\b|\bgetenv\b|\benviron\b", text) is not None:
        return False
    return re.search(rf"(?<![\w.]){re.escape(kept[1])}\[[\"']\w+[\"']\]", text) is not None


def reads_any(build: ImageBuild, paths: Iterable[str]) -> bool:
    """Whether code in the image speaks of one of these files by its name, or makes up the name of an env file
    (`f".env.{mode}"`, `f"config/{mode}.env"`).
    """
    names = {path.rpartition("/")[2] for path in paths}
    made_up = r"|[\"'/]\.env\.?\{" if any(name.startswith(".env.") for name in names) else ""
    made_up += r"|\bf[\"'][^\"'\n]*\.env[_-]\{" if any(name.startswith((".env_", ".env-")) for name in names) else ""
    named = rf"(?m)^[^#\n]*(?:[\"'/](?:{'|'.join(map(re.escape, sorted(names)))})[\"']{made_up})"
    if any(name.endswith(".env") and name != ".env" for name in names):
        # within the braces there may be quotes of the other kind
        named += r"|\b(?:[fF][rR]?|[rR][fF])[\"'][^\n]{0,200}\}\.env[\"']"
    return bool(names) and any(re.search(named, source.text) for _, source in code_of(build))


def code_of(build: ImageBuild) -> Iterator[tuple[str, Source]]:
    """The Python files that are sent, by their paths in the context, without those of tests and the like."""
    paths = (
        path
        for path, closed in build.entries
        if not closed and path.endswith(".py") and _ASIDE.isdisjoint(path.split("/"))
    )
    for path in islice(paths, _MOST):
        source = build.text_of(path)
        if source is not None:
            yield path, source


def is_bare(container: Container) -> bool:
    """Whether nothing that is seen gives a container variables beside its image."""
    service = container.service
    if service is None:
        return container.long_running
    return not service.env_files and not service.environment and not _is_mounted(container)


def _is_mounted(container: Container) -> bool:
    """Whether compose puts its own files where the code or its `.env` is."""
    service = container.service
    if service is None:
        return not container.long_running
    return container.mounts_source or any(
        one.target is not None and ".env" in (one.target.value or one.target.text) for one in service.volumes
    )


def reaches(image: Image, build: ImageBuild, path: str) -> bool:
    """Whether a file of the context gets into the image itself: by a COPY of its own stages, or one that takes from a
    builder the place where the file arrives there. True also when that cannot be told.
    """
    for taker in build.takers(path):
        if taker.stage in image.lineage:
            return True
        place = taker.arrival(path)
        for stage in (*image.lineage, *image.builders):
            for one in stage.instructions:
                if not isinstance(one, Transfer) or one.from_ is None:
                    continue
                source = stage.dockerfile.stage(one.from_.value) if one.from_.value else None
                if one.from_.value and (source is None or taker.stage not in source.lineage):
                    continue
                if place is None or any(_holds(word.value, place) for word in one.sources):
                    return True
    return False


def _holds(source: str | None, place: str) -> bool:
    """Whether what a COPY takes from a stage holds a place, as far as that can be told."""
    if source is None or "**" in source:
        return True
    steps = [step for step in source.split("/") if step]
    parts = [step for step in place.split("/") if step]
    return len(steps) <= len(parts) and all(
        part == step or Glob(step, double_star=False).matches(part) for step, part in zip(steps, parts, strict=False)
    )
