"""Directories that depend on where the base image happens to stand, and files copied over each other."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Stage, Workdir


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the path as it is written."""
    for path in stage.relative_paths:
        chosen = path.begins is not None and path.begins != "/"
        if isinstance(path.instruction, Workdir):
            place = f", which makes it `{path.place}`" if path.place else ""
            message = f"no absolute `WORKDIR` comes before: the base image decides where this begins{place}"
        elif path.begins is None:
            continue  # the base image may have chosen a directory
        else:
            message = f"no `WORKDIR` is set, so this goes to `{path.place}`: the base image decides where that begins"
        yield Finding.at(
            path.word,
            message,
            severity="info" if chosen else "warning",
            pedantic=chosen,
            in_guide="info" if chosen else None,
            once="file",
        )
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
        yield finding if '"' in word.text else finding.fixed_by("end it with `/`", Edit.behind(word, "/"))
