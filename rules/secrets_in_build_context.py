"""Secret files that a copy of a directory takes into the image."""

from collections.abc import Iterator, Sequence

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.context import holds_hidden
from dockerlint_fastapi.model.context.exclusion import pattern_for
from dockerlint_fastapi.model.context.ignore_file import Pattern
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.context.stowaways import enumerated
from dockerlint_fastapi.model.secrets.secret_copies import named_twice

READ = "; the application reads this file in the image now: give it its variables by `env_file:`"
READER = "the application reads it here, and nothing else gives it its variables"
ROOT_ONLY = "this matches in the root of the context only"
NO_PATTERN = "no pattern in here leaves it out"
NOR = ", nor a `.env` as soon as there is one"
HELP = "add `**/.env*` and `!**/.env.example` to `.dockerignore`"


def check(project: Project) -> Iterator[Finding]:
    """Speaks of each source of a COPY that is a directory: what lies in it, and else what may be put there; once for a
    project, and with notes to the other places.
    """
    for build in [build for image in project.own.images for build in image.builds if build.certain]:
        image, ignore = build.image, build.ignore
        for passage in (one for one in image.passages if one.copies and not one.names_a_secret):
            goes_on = passage.takes_all and passage.target is not None and build.ships(".env")
            shipped = (passage.stage in image.lineage or goes_on) and not image.development
            finding = _there(build, passage, shipped=shipped)
            if finding is None and _named_beside(build, passage):
                continue
            if finding is None and shipped and passage.takes_all and ignore and image.python:
                finding = _may_be(build, passage) if not build.excludes(".env") else None
            if (finding is None or finding.pedantic) and not image.development and image.python:
                finding = _announced(build, passage, shipped=shipped) or finding
            if finding is None and not shipped and not image.development and passage.takes_all and ignore:
                finding = _left_behind(build, passage)
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
    paths = [one.path for one in found]
    reader = build.reader_of(paths)
    known = all(map(build.is_committed, paths))
    grave = any(one.sure for one in found) and not known  # whoever has the repository has what is committed
    # everybody has it, and nobody else's door opens by it
    made_up = known and all(one.made_up or one.plain for one in found)
    shipped = shipped or (not build.image.development and any(map(build.ships, paths)))
    kept = bool(build.image.development) or passage.stage in build.image.lineage
    where = "a development image" if kept else "a layer of the build"
    finding = Finding.at(
        passage.span,
        f"`{passage.words}` takes {enumerated(paths)} into "
        + ("the image: whoever has that can read it" if shipped else where),
        severity="info" if made_up else _severity(grave=grave, shipped=shipped),
        help=_leave_out(build, paths),
        # where there is no ignore file, another rule tells of that, and of these files in a note
        pedantic=(known and not shipped) or (made_up and build.ignore is None),
        once="project",
    ).note(reader, "this reads it")
    return _without(finding, build, paths)


def _severity(*, grave: bool, shipped: bool) -> str:
    return ("error" if grave else "warning") if shipped else "warning" if grave else "info"


def _without(finding: Finding, build: ImageBuild, paths: Sequence[str]) -> Finding:
    """The finding with an ignore file that leaves files out, where no start or step of the build needs them."""
    needed = build.needs(*paths) or (build.reads_any(paths) and not _is_given(build))
    if build.ignore is None:
        new = build.proposal if not needed else None
        change = edits.ignore_file.made(new) if new else None
        return finding.fixed_by(f"make `{new.path}`", change, safe=False, names="sent files") if new else finding
    more = not build.excludes(".env") and not any(one.rpartition("/")[2].startswith(".env") for one in paths)
    meant = _meant(build, paths[0])
    finding = finding.note(meant or build.ignore, ROOT_ONLY if meant else NO_PATTERN + (NOR if more else ""))
    finding = finding.caused_by(meant)
    if needed:
        return finding
    # else the next thing to say is that one may come
    env = [] if build.excludes(".env") or build.reads_env_file else [".env"]
    patterns = edits.ignore_file.left_out(build, [*paths, *env])
    return finding.fixed_by("leave them out", patterns, safe=False, names="sent files")  # a start may read them


def _is_given(build: ImageBuild) -> bool:
    """Whether a service of the image has an env file, so that it may go without those in the image."""
    services = [one.service for one in build.image.containers if one.service is not None]
    return any(one.env_files for one in services)


def _has_service(build: ImageBuild) -> bool:
    """Whether compose starts the image, so that it shows what a container is given."""
    return any(one.service is not None for one in build.image.containers)


def _leave_out(build: ImageBuild, paths: Sequence[str], *, given: bool = False) -> str:
    """What to do about files: which patterns leave them out, and how what reads them in the image gets them then,
    unless it is `given` them already.
    """
    patterns = list(dict.fromkeys(map(pattern_for, paths)))
    file = "`.dockerignore`" if build.ignore is not None else "a new `.dockerignore`"
    advice = f"add {enumerated(patterns)} to {file}"
    reader = build.reader_of(paths)
    if reader is not None and build.is_step(reader):
        return f"hand the file to the step that reads it by `RUN --mount=type=secret` first; then {advice}"
    if reader is not None:
        return f"give the container the file by a mount or `secrets:` first, for it is read there; then {advice}"
    if given or (not build.reads_any(paths) and not (build.reads_env_file and ".env" in "".join(paths))):
        return advice
    variables = all(".env" in path.rpartition("/")[2] for path in paths)
    if variables:
        return f"{advice}; the application reads what is copied now: give the container its variables by `env_file:`"
    return f"{advice}; code in the image names such a file: where it reads this one, mount it, or give it by `secrets:`"


def _announced(build: ImageBuild, passage: Passage, *, shipped: bool) -> Finding | None:
    found = [one for one in build.announced_secrets if passage.takes(one.path) and one.path != passage.source]
    found = [one for one in found if shipped or build.ships(one.path)]
    if build.ignore is None:  # of which another rule tells, but for what the application itself asks for
        found = [one for one in found if one.opened or (one.reader is not None and not passage.takes_all)]
        folder = build.project_path(passage.source or "")
        if found and not any(one.opened for one in found) and holds_hidden(build.image.project.tree, folder):
            return None  # and of these in a note
    if not found:
        return None
    paths = [one.path for one in found]
    message = f"`{passage.words}` takes {enumerated(paths)} into the image of whoever has such a file: only git is told"
    help_ = _leave_out(build, paths, given=all(one.needed for one in found))
    named = "this is an example of it" if found[0].example else "it is named here, so somebody has it"
    finding = Finding.at(passage.span, message, severity="warning", help=help_, once="project").note(
        found[0].span, "its service starts with it" if found[0].needed else named
    )
    read = "the code opens it, and no mount brings it" if found[0].opened else READER
    finding = finding.note(found[0].reader, read)
    alone = any(one.reader is not None for one in found) and (_has_service(build) or found[0].opened)
    alone = alone or (found[0].example and build.reads_any(paths) and not _is_given(build))
    patterns = None if alone else edits.ignore_file.left_out(build, paths)  # without the file nothing would start
    meant = _meant(build, paths[0])
    finding = finding.note(meant or build.ignore, ROOT_ONLY if meant else NO_PATTERN)
    finding = finding.caused_by(meant)
    return finding.fixed_by("leave it out", patterns, safe=False, names="sent files")


def _meant(build: ImageBuild, path: str) -> Pattern | None:
    """The pattern that was to leave a file out, and does so in the root of the context only."""
    return next((one for one in (build.ignore.patterns if build.ignore else ()) if one.means(path)), None)


def _left_behind(build: ImageBuild, passage: Passage) -> Finding | None:
    """What a builder is given that nothing hands on, where a readme has people make it."""
    if build.excludes(".env") or build.exists(".env") or not (build.image.python and build.is_told_to_have_variables):
        return None
    message = f"`{passage.words}` takes the `.env` that the readme speaks of into a layer of the build, and its cache"
    deciding = build.deciding(".env")
    help_ = f"drop `{deciding.text}`" if deciding is not None else HELP
    finding = Finding.at(passage.span, message, severity="info", help=help_, once="project")
    said = "this takes it back in" if deciding is not None else "no pattern in here leaves `.env` out"
    return finding.note(deciding or build.ignore, said)


def _may_be(build: ImageBuild, passage: Passage) -> Finding:
    deciding = build.deciding(".env")
    read = build.reads_env_file
    message = f"`{passage.words}` takes a `.env` along as soon as there is one, with every password in it"
    idle = not build.expects_env_file and not (read and build.git_ignores(".env"))
    finding = Finding.at(
        passage.span,
        message,
        severity="warning",
        help=f"drop `{deciding.text}`{READ if read else ''}" if deciding is not None else HELP + READ if read else None,
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
    alone = read and _has_service(build)
    leaves = None if alone else edits.ignore_file.needless(build, ["**/.env"])  # without it nothing would start
    return finding.fixed_by("leave `.env` out", leaves, safe=not read, names="sent files")
