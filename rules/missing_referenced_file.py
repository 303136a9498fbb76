"""Build contexts, Dockerfiles, stages, env files and the like that compose files name and that are not there."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Project

WHAT = {
    "context": ("there is no folder `{}` to build from: Compose cannot build the service", "error"),
    "dockerfile": ("there is no Dockerfile `{}`: Compose cannot build the service", "error"),
    "target": ("the Dockerfile has no stage `{}`: Compose cannot build the service", "error"),
    "argument": ("no `ARG {}` in the Dockerfile: the value reaches nothing", "warning"),
    "env_file": ("there is no env file `{}`: Compose starts nothing without it", "warning"),
    "secret": ("there is no file `{}` for this secret: its services cannot start", "error"),
    "config": ("there is no file `{}` for this config: its services cannot start", "error"),
    "label_file": ("there is no label file `{}`: Compose starts nothing without it", "error"),
    "include": ("there is no compose file `{}` to include: Compose starts nothing", "error"),
    "extends": ("there is no compose file `{}` to extend from: Compose starts nothing", "error"),
}


def check(project: Project) -> Iterator[Finding]:
    """Speaks of what nothing makes. A file that everybody has to make for themselves, and is told to, is info."""
    for missing in project.missing_files:
        made = missing.made
        if made is not None and not missing.local:
            continue
        message, severity = WHAT[missing.kind]
        if missing.announced:
            severity = "info"
        elif missing.ignored:
            severity = "warning"
        finding = Finding.at(missing.span, message.format(missing.text), severity=severity, help=missing.remedy)
        file = missing.dockerfile
        if missing.near is not None:
            finding = finding.note(missing.near.span, f"did you mean `{missing.near.name}`?")
        elif file is not None and missing.kind == "target":
            stages = ", ".join(f"`{stage.name}`" for stage in file.stages if stage.name)
            finding = finding.note(file, f"its stages: {stages}" if stages else "none of its stages has a name")
        elif file is not None:
            finding = finding.note(file, "the Dockerfile")
        yield finding.note(made.span if made is not None and made.certain else None, "this makes it")
