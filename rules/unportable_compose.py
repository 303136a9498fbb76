"""`version:`, and values without quotes that are read in two ways."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.compose import ComposeFile, Scalar


def check(project: Project) -> Iterator[Finding]:
    """Speaks of each loose value; of `version` once, and of no file that Swarm reads."""
    swarm = {file for one in project.own.deployments if one.is_swarm for file in one.merged.files}
    files = dict.fromkeys(file for one in project.own.deployments for file in one.merged.files)
    yield from _versions([one for one in files if one not in swarm])
    for file in files:
        for one in file.loose_values:
            text, key = one.scalar.text, one.key
            if one.own:
                message = f"without quotes, `{text}` is a number to Compose: `{key}` gets `{one.own}`"
                severity = "warning" if one.another else "info"
            else:
                message = f"without quotes, YAML 1.1 takes `{text}` for {one.others}: other tools read another `{key}`"
                severity = "info"  # Compose itself reads it as it is meant, `restart: no` too: left to `pedantic`
            usual = not one.own
            finding = Finding.at(
                one, message, severity=severity, help="quote the value", in_guide="off", pedantic=usual
            )
            yield finding.fixed_by(
                "add quotes", Edit(one.span, one.quoted), safe=one.another or not one.own, names="here"
            )


def _versions(files: list[ComposeFile]) -> Iterator[Finding]:
    """One finding for the whole project, with a note at each other file."""
    message = "`version` is obsolete: Compose ignores it, and warns of it at every command"
    for file in files:
        entry = file.version
        if entry is None or not isinstance(entry.value, Scalar) or not isinstance(entry.value.value, str):
            continue
        finding = Finding.at(entry.key, message, severity="info", once="project")
        yield finding.fixed_by(
            "remove it",
            edits.compose.without_key(file.root, "version") if file.root else None,
            names="settings:version",
        )
