"""What a build is sent of its context: how many files, and how much."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild

MOST = 200_000  # files that are counted


class Sent(NamedTuple):
    """The files that BuildKit asks for, and their size in bytes. `whole` is False when more are sent than counted.

    Only what some instruction names is asked for, of a pattern what matches. A link counts as a file without content.
    """

    files: int
    size: int
    whole: bool


def sent(build: ImageBuild) -> Sent:
    """What one build is sent."""
    tree = build.image.project.tree
    files = size = 0
    for path in paths_sent(build):
        if files == MOST:
            return Sent(files, size, whole=False)
        files += 1
        size += tree.size(build.project_path(path)) or 0
    return Sent(files, size, whole=True)


def paths_sent(build: ImageBuild) -> Iterator[str]:
    """Every file that is sent, those in directories of a program's own making too."""
    tree = build.image.project.tree
    waiting = []
    for top in sorted(build.tops):
        if build.is_dir(top):
            waiting.append(top)
        elif build.is_file(top) and not build.excludes(top):
            yield top
    while waiting:
        folder = waiting.pop()
        if folder and build.ignore is not None and build.ignore.prunes(folder):
            continue
        listing = tree.listing(build.project_path(folder))
        prefix = f"{folder}/" if folder else ""
        yield from (prefix + name for name in (*listing.files, *listing.links) if not build.excludes(prefix + name))
        waiting += [prefix + name for name in listing.directories]
