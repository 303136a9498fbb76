"""Directories that depend on where the base image happens to stand, and files copied over each other."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Stage, Workdir
from dockerlint_fastapi.model.instructions.relative_paths import RelativePath, has_python


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the path as it is written."""
    for path in stage.relative_paths:
        moves = isinstance(path.instruction, Workdir)
        mild = _is_mild(stage, path)
        file = path.place is not None and not moves and (path.manifests or path.meant or path.single or not path.python)
        if moves:
            place = f", which makes it `{path.place}`" if path.place else ""
            message = f"no absolute `WORKDIR` comes before: the base image decides where this begins{place}"
        elif path.begins is None:
            continue  # the base image may have chosen a directory
        else:
            message = f"no `WORKDIR` is set, so this goes to `{path.place}`: the base image decides where that begins"
        full = None if moves else path.in_full
        finding = Finding.at(
            path.word,
            message,
            help=f"write `{full}`" if full else None,
            severity="info" if mild or file or full else "warning",
            pedantic=mild,
            in_guide="info" if mild else None,
            once="file",
        )
        full = path.place if moves and path.word.text == path.word.value else full
        yield finding.caused_by(stage.dockerfile.source.path, "no absolute WORKDIR").fixed_by(
            "write it in full",
            Edit(path.word.span, full) if full else None,
            names=("workdir", "files", "steps"),
        )
    yield from _several(stage)


def _is_mild(stage: Stage, path: RelativePath) -> bool:
    """Whether it hurts nobody: the base image has chosen a directory, or what goes there does not stay, or is nothing
    of Python's.
    """
    chosen = path.begins is not None and path.begins != "/"
    # what is copied out of a stage is named where that is done
    aside = chosen or stage.is_left_behind or _is_aside(stage, path) or path.removed
    return aside or not (isinstance(path.instruction, Workdir) or path.python or has_python(stage))


def _is_aside(stage: Stage, path: RelativePath) -> bool:
    """Whether nobody else's program runs there: it is for development or tests, or not of Python and put aside."""
    file = stage.dockerfile
    return file.development is not None or (file.is_put_aside and not path.python)


def _several(stage: Stage) -> Iterator[Finding]:
    """Speaks of the destinations of several sources."""
    for target in stage.single_targets:
        word = target.word
        message = (
            f"`{word.value}` does not end in `/`: Docker takes it for one file, and each source overwrites the last"
        )
        if not target.lost:
            why = "BuildKit alone takes it, as it is there" if target.there else "it works only if it is there"
            message = f"`{word.value}` does not end in `/`, as it must for several sources: {why}"
        severity = "error" if target.lost else "info" if target.there else "warning"
        finding = Finding.at(word, message, severity=severity)
        plain = not any(sign in word.span.source.line(word.span.line) for sign in ('"', "|", "&", ";", ">"))
        yield finding.fixed_by("end it with `/`", Edit.behind(word, "/") if plain else None, names="files")
