"""Directories that depend on where the base image happens to stand, and files copied over each other."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Stage, Workdir


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the path as it is written."""
    for path in stage.relative_paths:
        chosen = path.begins is not None and path.begins != "/"
        mild = chosen or stage.is_left_behind  # what is copied out of it is named where that is done
        file = (
            path.place is not None and not isinstance(path.instruction, Workdir) and not path.python
        )  # no application
        if isinstance(path.instruction, Workdir):
            place = f", which makes it `{path.place}`" if path.place else ""
            message = f"no absolute `WORKDIR` comes before: the base image decides where this begins{place}"
        elif path.begins is None:
            continue  # the base image may have chosen a directory
        else:
            message = f"no `WORKDIR` is set, so this goes to `{path.place}`: the base image decides where that begins"
        finding = Finding.at(
            path.word,
            message,
            severity="info" if mild or file else "warning",
            pedantic=mild,
            in_guide="info" if mild else None,
            once="file",
        )
        plain = path.place is not None and isinstance(path.instruction, Workdir) and path.word.text == path.word.value
        yield finding.fixed_by(
            "write it in full",
            Edit(path.word.span, path.place or "") if plain else None,
            names=("workdir", "files", "steps"),
        )
    yield from _several(stage)


def _several(stage: Stage) -> Iterator[Finding]:
    """Speaks of the destinations of several sources."""
    for target in stage.single_targets:
        word = target.word
        message = (
            f"`{word.value}` does not end in `/`: Docker takes it for one file, and each source overwrites the last"
        )
        if not target.lost:
            message = (
                f"`{word.value}` does not end in `/`, as it must for several sources: it works only if it is there"
            )
        finding = Finding.at(word, message, severity="error" if target.lost else "warning")
        plain = not any(sign in word.span.source.line(word.span.line) for sign in ('"', "|", "&", ";", ">"))
        yield finding.fixed_by("end it with `/`", Edit.behind(word, "/") if plain else None, names="files")
