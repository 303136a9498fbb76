"""What a copy of a directory takes into the image and no image needs."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.context.stowaways import enumerated, is_without_history

WHY = {
    ".git": "every commit builds what follows anew, and all old versions are there to be read",
    "node_modules": "packages of another machine take the place of those that the build installs",
}
VENV = ".venv"
ENVIRONMENT = "an environment of another machine breaks this one"


def check(project: Project) -> Iterator[Finding]:
    """Speaks of what an ignore file lets through, once for a project; where there is no such file,
    `missing-dockerignore` does.
    """
    for build in [build for image in project.own.images for build in image.builds if build.certain]:
        for passage in build.image.passages if build.ignore is not None else ():
            taken = _taken(build, passage) if passage.copies else None
            if passage.copies and (taken is None or taken.pedantic):  # an environment would weigh more
                taken = _announced(build, passage) or _told(build, passage) or taken
            if taken is not None:
                yield taken
        yield from _tests(build)


def _tests(build: ImageBuild) -> Iterator[Finding]:
    """The folder of tests that a COPY of the image names, where nothing runs them."""
    image = build.image
    stages = image.lineage if image.python and not image.development and not build.runs_tests else ()
    for passage in image.passages:
        path = passage.source or ""
        named = path.rpartition("/")[2] in ("test", "tests") and build.is_dir(path) and not build.excludes(path)
        if named and passage.copies and passage.stage in stages:
            message = f"`{passage.words}` takes the tests into the image: no server needs them"
            yield Finding.at(
                passage.span,
                message,
                severity="info",
                help="copy them in a stage of their own, in which they are run",
                pedantic=True,
                in_guide="info",
                once="project",
            )


def _taken(build: ImageBuild, passage: Passage) -> Finding | None:
    image = build.image
    shipped = passage.stage in image.lineage and not image.development
    taken = [one for one in build.bulk if passage.takes(one.path) and one.path != passage.source]
    heavy = [one for one in taken if one.heavy]
    if heavy:
        reaches = shipped or any(_goes_on(build, passage, one.path) for one in heavy)
        things, why, severity = heavy, WHY.get(heavy[0].name, ENVIRONMENT), None if reaches else "info"
        if all(one.name == ".git" and is_without_history(build, one.path) for one in heavy):
            why, severity = "every commit builds what follows anew", "info"
    elif passage.takes_all and image.python and not image.development:
        light = [one for one in taken if shipped or _goes_on(build, passage, one.path)]
        if all(one.trifling for one in light):
            return None
        things, why, severity = light, "no server needs that", "info"
    else:
        return None
    message = f"`{passage.words}` takes {enumerated([one.text for one in things])} along: {why}"
    mild = severity is not None
    finding = Finding.at(passage.span, message, severity=severity, in_guide=severity, pedantic=mild, once="project")
    patterns = edits.ignore_file.left_out(build, [one.path for one in things])
    harmless = all(one.name == ".git" or one.is_cache or one.trifling for one in things)
    finding = finding.note(build.ignore, "no pattern in here leaves it out")
    meant = {build.meant_for(one.path) for one in things}
    finding = finding.caused_by(meant.pop()) if len(meant) == 1 else finding
    # behind the heavy things, the profile `pedantic` speaks of the light ones
    return finding.fixed_by("leave it out", patterns, safe=harmless, reveals=bool(heavy), names="sent files")


def _goes_on(build: ImageBuild, passage: Passage, path: str) -> bool:
    """Whether what a copy takes into a builder is taken from there into the image."""
    image = build.image
    known = passage.stage not in image.lineage and passage.target is not None
    return known and not image.development and build.ships(path)


def _told(build: ImageBuild, passage: Passage) -> Finding | None:
    """What the copy takes along of everyone who does as the readme of the folder says."""
    image = build.image
    if image.development or not image.python or passage.stage not in image.lineage or not passage.takes_all:
        return None
    told = build.told_environment
    if told is None or build.excludes(told.name):
        return None
    message = f"`{passage.words}` takes the `{told.name}` along that the readme has everyone make: {ENVIRONMENT}"
    finding = Finding.at(passage.span, message, severity="info", once="project").note(told.span, "made here")
    finding = finding.note(build.ignore, "no pattern in here leaves it out")
    return finding.fixed_by("leave it out", edits.ignore_file.left_out(build, [told.name]), names="sent files")


def _announced(build: ImageBuild, passage: Passage) -> Finding | None:
    """What the copy would lay over the environment that the build makes at its place, on a developer's machine."""
    image = build.image
    if image.development or passage.stage not in image.lineage or not passage.takes_all or build.excludes(VENV):
        return None
    place = passage.arrival(VENV)
    made = next((one for one in image.virtual_environments if one.place == place), None)
    if made is None:
        return None
    message = f"`{passage.words}` takes a `{VENV}` along as soon as there is one, to where the build makes its own"
    finding = Finding.at(passage.span, message, severity="info", once="project").note(made.span, "made here")
    finding = finding.note(build.ignore, "no pattern in here leaves it out")
    patterns = edits.ignore_file.left_out(build, [VENV])
    return finding.fixed_by("leave it out", patterns, names="sent files")
