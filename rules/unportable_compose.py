"""`version:`, and values without quotes that are read in two ways."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Project
from dockerlint_fastapi.model.compose import ComposeFile, Scalar


def check(project: Project) -> Iterator[Finding]:
    """Speaks of each loose value; of `version` once, and of no file that Swarm reads."""
    swarm = {file for one in project.deployments if one.is_swarm for file in one.merged.files}
    files = dict.fromkeys(file for one in project.deployments for file in one.merged.files)
    yield from _versions([one for one in files if one not in swarm])
    for file in files:
        for one in file.loose_values:
            text, key = one.scalar.text, one.key
            if one.own:
                message = f"without quotes, `{text}` is a number to Compose: `{key}` gets `{one.own}`"
                severity = "warning" if one.another else "info"
            else:
                message = f"without quotes, YAML 1.1 takes `{text}` for {one.others}: other tools read another `{key}`"
                severity = "warning" if key == "restart" else "info"
            finding = Finding.at(one, message, severity=severity, help="quote the value", in_guide="off")
            yield finding.fixed_by("add quotes", Edit(one.span, one.quoted))


def _versions(files: list[ComposeFile]) -> Iterator[Finding]:
    """One finding for the whole project, with a note at each other file."""
    found = [(file.version, one) for file in files if file.version is not None and (one := file.version.value)]
    entries = [entry for entry, one in found if isinstance(one, Scalar) and isinstance(one.value, str)]
    if not entries:
        return
    message = "`version` is obsolete: Compose ignores it, and warns of it at every command"
    finding = Finding.at(entries[0].key, message, severity="info")
    for entry in entries[1:]:
        finding = finding.note(entry.key, "here too")
    edits = []
    for entry in entries:
        line = entry.span.source.line(entry.span.line)
        if entry.span.source is entry.key.span.source and entry.span.column == 1 and entry.span.text == line.rstrip():
            text, end = entry.span.source.text, entry.span.start + len(line)
            end += 2 if text[end : end + 2] == "\r\n" else 1 if end < len(text) else 0
            edits.append(Edit(entry.span._replace(end=end), ""))
    yield finding.fixed_by("remove it", *edits) if len(edits) == len(entries) else finding
