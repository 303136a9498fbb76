"""Secret files that a copy of a directory takes into the image."""

from collections.abc import Iterator

from dockerlint_fastapi import Creation, Finding, edits
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.context.stowaways import enumerated
from dockerlint_fastapi.model.secrets.secret_copies import named_twice


def check(project: Project) -> Iterator[Finding]:
    """Speaks of each source of a COPY that is a directory: what lies in it, and else what may be put there; once for a
    project, and with notes to the other places.
    """
    for build in [build for image in project.images for build in image.builds if build.certain]:
        image, ignore = build.image, build.ignore
        for passage in (one for one in image.passages if one.copies and not one.names_a_secret):
            shipped = passage.stage in image.lineage and not image.development
            finding = _there(build, passage, shipped=shipped)
            if finding is None and _named_beside(build, passage):
                continue
            if finding is None and shipped and passage.takes_all and ignore and image.python:
                finding = _may_be(build, passage) if not build.excludes(".env") else None
            if finding is None and shipped and ignore and image.python:
                finding = _announced(build, passage)
            if finding is not None:
                yield finding


def _named_beside(build: ImageBuild, passage: Passage) -> frozenset[str]:
    """The secret files in a directory that another COPY of the stage names: they are told of there."""
    twice = named_twice(build.image)
    return frozenset(path for path, pairs in twice.items() if any(span == passage.span for span, _ in pairs))


def _there(build: ImageBuild, passage: Passage, *, shipped: bool) -> Finding | None:
    found = [one for one in build.secret_files if passage.takes(one.path) and one.path != passage.source]
    # what another COPY of the stage names is told there
    named = _named_beside(build, passage) if found else frozenset()
    found = [one for one in found if one.path not in named]
    if not found:
        return None
    where = "a development image" if passage.stage in build.image.lineage else "a layer of the build"
    into = "the image: whoever has that can read it" if shipped else where
    sure = any(one.sure for one in found)
    severity = ("error" if sure else "warning") if shipped else "warning" if sure else "info"
    message = f"`{passage.words}` takes {enumerated([one.path for one in found])} into {into}"
    finding = Finding.at(passage.span, message, severity=severity, once="project")
    if build.ignore is None:
        new = build.proposal
        return (
            finding.fixed_by(f"make `{new.path}`", Creation(new.path, new.text), safe=False, names="sent files")
            if new
            else finding
        )
    paths = [one.path for one in found]
    # else the next thing to say is that one may come
    patterns = edits.ignore_file.left_out(build, [*paths, ".env"] if not build.excludes(".env") else paths)
    finding = finding.note(build.ignore, "no pattern in here leaves it out")
    return finding.fixed_by("leave them out", patterns, safe=False, names="sent files")  # a start may read them


def _announced(build: ImageBuild, passage: Passage) -> Finding | None:
    found = [one for one in build.announced_secrets if passage.takes(one.path) and one.path != passage.source]
    if not found:
        return None
    paths = [one.path for one in found]
    message = f"`{passage.words}` takes {enumerated(paths)} into the image of whoever has such a file: only git is told"
    finding = Finding.at(passage.span, message, severity="warning", once="project").note(
        found[0].span, "it is named here, so somebody has it"
    )
    patterns = edits.ignore_file.left_out(build, paths)
    return finding.note(build.ignore, "no pattern in here leaves it out").fixed_by(
        "leave it out", patterns, safe=False, names="sent files"
    )


def _may_be(build: ImageBuild, passage: Passage) -> Finding:
    deciding = build.deciding(".env")
    message = f"`{passage.words}` takes a `.env` along as soon as there is one, with every password in it"
    idle = not build.expects_env_file
    finding = Finding.at(
        passage.span,
        message,
        severity="warning",
        in_guide="warning" if idle else None,
        pedantic=idle,
        once="project",
    ).note(
        deciding or build.ignore,
        "this takes it back in" if deciding is not None else "no pattern in here leaves `.env` out",
    )
    if deciding is not None:
        return finding.fixed_by(
            f"drop `{deciding.text}`", edits.lines.without(deciding), safe=False, names="sent files"
        )
    return finding.fixed_by("leave `.env` out", edits.ignore_file.needless(build, ["**/.env"]), names="sent files")
