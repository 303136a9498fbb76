"""Sources of COPY, ADD and bind mounts that are not in the build context."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.context.passage import Passage
from dockerlint_fastapi.model.context.stowaways import enumerated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.odd_contexts import OddContext


def check(image: Image) -> Iterator[Finding]:
    """Speaks where it is known from which folder the image is built, and of what a project is installed from."""
    yield from _packages(image)
    yield from _readmes(image)
    secrets = {copy.span for copy in image.secret_copies}
    for build in (build for build in image.builds if build.certain):
        odd = build.odd_contexts
        if odd:
            yield from (_of_context(build, one) for one in odd)
            continue
        for passage in build.missing:
            ignored = any(build.git_ignores(one) for one in (passage.source or "", passage.usual_content) if one)
            if passage.glob is not None and (passage.source or "").endswith((".crt", ".cer", ".pem")):
                continue  # whose network looks into TLS puts its certificates there, and nobody else has any
            if passage.glob is None and (passage.is_built or (passage.span in secrets and ignored)):
                continue  # another tool makes it before the build, or copied-secret-file says to copy it no more
            if passage.glob is None and not passage.outside and build.is_made(passage):
                continue
            yield _finding(build, passage, ignored=ignored)


def _of_context(build: ImageBuild, odd: "OddContext") -> Finding:
    """What to say of a service that builds from another folder than the Dockerfile is written for."""
    names = list(dict.fromkeys(passage.source or "" for passage in odd.missing))
    message = f"{enumerated(names)} {'is' if len(names) == 1 else 'are'} not in `{build.context or '.'}`: a build stops"
    finding = Finding.at(
        odd.span,
        f"{message}; other services build this Dockerfile from `{odd.fitting or '.'}`",
        severity="warning" if odd.pulled else "error",
        help=f"write `{odd.fitting or '.'}`, from which it is built elsewhere, and the path of the Dockerfile in it",
    )
    return finding.note(odd.missing[0].span, "this is looked for there")


def _finding(build: ImageBuild, passage: Passage, *, ignored: bool) -> Finding:
    where = f"`{build.context}`" if build.context else "the build context"
    severity, told, maker = "warning", False, None
    example = None if passage.outside else build.example_of(passage)
    if passage.glob is not None:
        message = f"`{passage.source}` matches nothing in {where}: nothing is copied"
    elif example is not None:
        message = f"`{passage.source}` is not in {where}: `{example}` has to be copied to it first"
        severity, told = "info", build.is_told_of(passage)
    elif ignored:
        message = (
            f"`{passage.source}` is not in {where}, and git ignores {_ignored(passage)}: something has to make it first"
        )
        told = build.is_told_of(passage)
    else:
        message = f"`{passage.source}` is not in {where}: the build stops here"
        if passage.outside:
            message = f"`{passage.text}` leads out of the build context: Docker looks for `{passage.source}` in it"
        maker = build.maker_of(passage)
        sure = maker is None and "$" not in passage.text and not passage.is_of_tls
        if sure and not build.image.is_unclaimed:  # whoever builds the other kind does so by hand, if anybody does
            severity = "error"
    help_ = None if severity != "info" else f"copy `{example}` to it, or have a step in front of the build do so"
    finding = Finding.at(passage.span, message, severity=severity, pedantic=told, help=help_)
    return _joined(build, passage, finding.note(maker, "it may come from here"))


def _joined(build: ImageBuild, passage: Passage, finding: Finding) -> Finding:
    """The finding, told as one with others of the same cause."""
    lacking = build.first_missing(passage)
    if lacking is None and not build.image.python:  # a dead line of a front end: its build goes on without it
        return finding._replace(severity="info").caused_by(build.context, passage.source)
    if lacking and not passage.outside and build.context and _is_from_the_top(build, passage.source or ""):
        lacking = "/"  # as are others like it
    return finding.caused_by(passage.span.source.path, build.context, lacking)


def _ignored(passage: Passage) -> str:
    inside = passage.usual_content
    return f"`{inside.rpartition('/')[2]}` in it" if inside is not None else "it"


def _is_from_the_top(build: ImageBuild, source: str) -> bool:
    """Whether a source is written for the top of the project: it is there, or names the folder of the build."""
    tree = build.image.project.tree
    return tree.is_file(source) or tree.is_dir(source) or f"{source}/".startswith(f"{build.context}/")


def _packages(image: Image) -> Iterator[Finding]:
    for one in image.lacking_packages:
        lacking = f"no `{one.name}` is in `{one.folder}`"
        message = f"`{one.step.words}` installs the project itself, and {lacking}: the build stops here"
        finding = Finding.at(one, message, help="add `--no-root`, or copy the project's package first")
        change = edits.installs.with_option(one.step, "--no-root")
        finding = finding.note(one.origin, "this installs Poetry 2")
        yield finding.fixed_by("add `--no-root`", change, safe=False, names="steps")


def _readmes(image: Image) -> Iterator[Finding]:
    lacking = {one.span for one in image.lacking_packages}
    for need in image.uncopied_readmes:
        if need.span in lacking:
            continue  # which has the same remedy
        name = need.place.rpartition("/")[2]
        yield Finding.at(
            need.span,
            f"`{need.message}` builds the project, whose readme `{name}` no `COPY` brings: the build stops here",
            help=f"copy `{name}` too, or leave the project itself out of this step",
        )
