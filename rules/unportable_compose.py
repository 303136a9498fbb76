"""`version:`, and values without quotes that are read in two ways."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Deployment
from dockerlint_fastapi.model.compose import ComposeFile, Scalar


def check(deployment: Deployment) -> Iterator[Finding]:
    """Speaks of each file of a set; of `version` only where the set is not made for Swarm."""
    for file in deployment.merged.files:
        if not deployment.is_swarm:
            yield from _version(file)
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


def _version(file: ComposeFile) -> Iterator[Finding]:
    entry = file.version
    if entry is None or not isinstance(entry.value, Scalar) or not isinstance(entry.value.value, str):
        return
    message = "`version` is obsolete: Compose ignores it, and warns of it at every command"
    finding = Finding.at(entry.key, message, severity="info")
    line = entry.span.source.line(entry.span.line)
    if entry.span.source is entry.key.span.source and entry.span.column == 1 and entry.span.text == line.rstrip():
        end = min(entry.span.start + len(line) + 1, len(entry.span.source.text))
        finding = finding.fixed_by("remove it", Edit(entry.span._replace(end=end), ""))
    yield finding
