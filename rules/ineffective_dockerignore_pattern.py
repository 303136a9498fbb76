"""Patterns of an ignore file that do not do what they would in a `.gitignore`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.context.ignore_file import Pattern
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.stowaways import is_public

READ = "; the application reads this file in the image now: give it its variables by `env_file:`"

AT_THE_TOP = (".git", "test", "tests", "doc", "docs")


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the ignore file of each build, pattern by pattern."""
    for build in image.builds:
        ignore = build.ignore
        for problem in ignore.problems if ignore is not None else ():
            yield Finding.at(problem.span, f"this pattern stops the build: {problem.message}", once="file")
        said: set[str] = set()
        for pattern in ignore.patterns if ignore is not None else ():
            if (misread := _misread(pattern)) is not None:
                yield misread
            elif build.certain and pattern.glob.text not in said and (path := build.root_only(pattern)) is not None:
                said.update(one.glob.text for one in (pattern, *_again(build, pattern)))
                if not build.is_secret(path) and not _is_told_of_a_copy(build, path):
                    yield _of_root(image, build, pattern, path)
            elif build.certain and (said_so := build.meant(pattern)) is not None:
                yield _of_spelling(image, build, pattern, *said_so)
        for pattern, later in ignore.overruled if ignore is not None else ():
            message = f"`{pattern.text}` takes nothing back: a later pattern leaves it out again"
            finding = Finding.at(pattern, message).note(later, "the last pattern that matches decides")
            moved = edits.ignore_file.moved_behind(pattern, later)
            yield finding.fixed_by(f"write it behind `{later.text}`", moved, safe=False, names="sent files")


def _of_spelling(image: Image, build: ImageBuild, pattern: Pattern, name: str, path: str) -> Finding:
    """What to say of a pattern that nothing has the name of, but for a letter."""
    anywhere = f"{'' if name in AT_THE_TOP else '**/'}{name}"
    mild = image.development or name != ".git" or build.first_taker(path).stage not in image.lineage
    gets = _gets(there=build.exists(path), ships=build.first_taker(path).stage in image.lineage)
    finding = Finding.at(
        pattern,
        f"`{pattern.text}` matches nothing here; did you mean `{name}`? `{path}` {gets}",
        severity="info" if mild else None,
        pedantic=bool(image.development),
        help=f"write `{anywhere}`",
        once="file",
    ).note(build.first_taker(path), "this copies it")
    spelled = edits.ignore_file.spelled(build, pattern, anywhere)
    return finding.fixed_by(f"write `{anywhere}`", spelled, safe=False, names="sent files")


def _of_root(image: Image, build: ImageBuild, pattern: Pattern, path: str) -> Finding:
    """What to say of a pattern that lets something below the root through."""
    taker = build.first_taker(path)
    secret = ".env" in pattern.text
    mild = image.development or pattern.names_a_cache or build.cleans(path, taker)
    # What is in the image there nobody uses: it is mounted over, or no more than bytecode of a developer's machine.
    idle = bool(image.development) and (pattern.names_a_cache or (image.only_for_work and not secret))
    idle = idle or (pattern.names_a_cache and _is_mounted_over(image))
    lost = secret and (not build.ships(path) or is_public(build, path))  # it does nothing there, or everybody has it
    variables = READ if secret and build.reads_env_file else ""
    gets = _gets(there=build.exists(path), ships=taker.stage in image.lineage)
    finding = Finding.at(
        pattern,
        f"`{pattern.text}` matches in the root of the context only: `{path}` {gets}",
        severity="info" if mild or lost or idle else None,
        pedantic=idle,
        help=f"write `**/{pattern.glob.text}`, which matches at any depth, the root included{variables}",
    ).note(taker, "this copies it")
    # what is there now, somebody may use
    harmless = not variables and (pattern.names_a_cache or not build.exists(path))
    again = _again(build, pattern)
    for other in again:
        same = other.glob.text == pattern.glob.text
        finding = finding.note(other, "and here once more" if same else "so does this, which lets it through as well")
    finding = finding.caused_by(pattern)
    if variables and any(one.service is not None for one in image.containers):
        return finding  # without the file nothing would start
    changes = edits.ignore_file.anywhere(build, (pattern, *again))
    return finding.fixed_by(f"write `**/{pattern.glob.text}`", changes, safe=harmless, names="sent files")


def _is_mounted_over(image: Image) -> bool:
    """Whether all services that start the image mount the project's code over what it has of it."""
    services = [one for one in image.containers if one.service is not None]
    return bool(services) and all(one.mounts_source for one in services)


def _again(build: ImageBuild, pattern: Pattern) -> tuple[Pattern, ...]:
    """The other lines of the ignore file that say the same, or let the same file through."""
    path, others = build.root_only(pattern), build.ignore.patterns if build.ignore is not None else ()
    alike = (one for one in others if one.glob.text == pattern.glob.text or build.root_only(one) == path)
    return tuple(one for one in alike if one is not pattern and not one.negated and not one.text.startswith("/"))


def _is_told_of_a_copy(build: ImageBuild, path: str) -> bool:
    """Whether `secrets-in-build-context` says of a COPY that it takes the file as soon as it is there."""
    taker, image = build.first_taker(path), build.image
    shipped = taker.stage in image.lineage and not image.development and image.python
    return bool(shipped) and any(one.path == path for one in build.announced_secrets)


def _misread(pattern: Pattern) -> Finding | None:
    if pattern.remark is not None and pattern.span.text.startswith(pattern.remark):
        finding = Finding.at(pattern, "a comment begins in the first column; this is a pattern", severity="info")
        return finding.fixed_by(
            "begin it in the first column", edits.ignore_file.without_remark(pattern), names="sent files"
        )
    if pattern.remark is not None:
        message = f"`{pattern.remark}` is no comment but a part of the pattern, which matches nothing"
        apart = edits.ignore_file.without_remark(pattern)
        return Finding.at(pattern, message, once="file").fixed_by(
            "give the comment a line of its own", apart, safe=False, names="sent files"
        )
    if pattern.escape is not None:
        escape, text = pattern.escape, pattern.text
        message = f"`{escape}` is a special character to Docker outside of Windows: `{text}` does not do what it says"
        return Finding.at(pattern, message, help="write `/` between names, on Windows too", once="file")
    if pattern.matches_nothing:
        message = f"`{pattern.text}` matches nothing: patterns name what lies in the build context"
        return Finding.at(pattern, message).fixed_by("drop it", edits.lines.without(pattern), names="sent files")
    return None


def _gets(*, there: bool, ships: bool) -> str:
    return f"{'gets' if there else 'would get'} into {'the image' if ships else 'a stage that the image is built from'}"
