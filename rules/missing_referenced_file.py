"""Build contexts, Dockerfiles, stages, env files and the like that compose files name and that are not there."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.files.missing_files import MissingFile
from dockerlint_fastapi.model.secrets import is_fill_me_in

WHAT = {
    "context": ("there is no folder `{}` to build from: Compose cannot build the service", "error"),
    "dockerfile": ("there is no Dockerfile `{}`: Compose cannot build the service", "error"),
    "target": ("the Dockerfile has no stage `{}`: Compose cannot build the service", "error"),
    "argument": ("no `ARG {}` in the Dockerfile: the value reaches nothing", "warning"),
    "env_file": ("there is no env file `{}`: Compose starts nothing without it", "warning"),
    "mount": (
        "there is no file `{}` to mount: Docker makes a folder of that name, which the program cannot read",
        "error",
    ),
    "sqlite": (
        "there is no file `{}` to mount: Docker makes a folder of that name, which SQLite cannot open",
        "error",
    ),
    "secret": ("there is no file `{}` for this secret: its services cannot start", "warning"),
    "config": ("there is no file `{}` for this config: its services cannot start", "error"),
    "label_file": ("there is no label file `{}`: Compose starts nothing without it", "error"),
    "include": ("there is no compose file `{}` to include: Compose starts nothing", "error"),
    "extends": ("there is no compose file `{}` to extend from: Compose starts nothing", "error"),
}


def check(project: Project) -> Iterator[Finding]:
    """Speaks once of each thing that nothing makes. What everybody makes for themselves, and is told to, is info."""
    for missing in project.missing_files:
        if missing.made is None or missing.local:
            yield _finding(missing)


def _finding(missing: MissingFile) -> Finding:
    message, severity = WHAT[missing.kind]
    if missing.announced or (missing.idle and missing.near is None) or is_fill_me_in(missing.text):
        severity = "info"
    elif missing.ignored or missing.aside or missing.guarded or missing.pulled or missing.named is not None:
        severity = "info" if missing.kind == "env_file" and missing.told is not None else "warning"
    usual = missing.announced and (missing.kind == "env_file" or (missing.ignored and missing.told is True))
    usual = usual or (missing.programless and missing.ignored and missing.told is False)
    guide, help_ = "info" if usual else None, missing.remedy
    text = message.format(missing.text)
    once = "project" if missing.near is None and missing.meant is None else None  # what has its own remedy stands alone
    finding = Finding.at(missing.span, text, severity=severity, help=help_, in_guide=guide, pedantic=usual, once=once)
    if missing.block is not None and once is not None:
        finding = finding.caused_by(missing.block, "arguments")
    file, made = missing.dockerfile, missing.made
    if missing.near is not None:
        finding = finding.note(missing.near.span, f"did you mean `{missing.near.name}`?")
    elif file is not None and missing.kind == "target":
        stages = ", ".join(f"`{stage.name}`" for stage in file.stages if stage.name)
        finding = finding.note(file, f"its stages: {stages}" if stages else "none of its stages has a name")
    elif file is not None:
        finding = finding.note(file, "the Dockerfile")
    for span in missing.below:
        finding = finding.note(span, "this is in that folder, too")
    for span in missing.also:
        finding = finding.note(span, "this is there from that folder, too")
    finding = finding.note(missing.named, "it may come from here")
    return finding.note(made.span if made is not None and made.certain else None, "this makes it")
